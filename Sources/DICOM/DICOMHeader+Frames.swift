package import Imaging

/// Attributes of one frame: its own functional groups, then the shared ones, then the data set (PS3.3 C.7.6.16).
extension DICOMHeader {
    /// Where a frame lies in the patient; `nil` when position, orientation or spacing is missing or impossible.
    package func plane(frame: Int) -> SlicePlane? {
        let position =
            group(.planePositionSequence, frame: frame)?.imagePositionPatient
            ?? dosePosition(frame: frame) ?? imagePositionPatient
        let orientation =
            group(.planeOrientationSequence, frame: frame)?.imageOrientationPatient
            ?? imageOrientationPatient
        let spacing = group(.pixelMeasuresSequence, frame: frame)?.pixelSpacing ?? pixelSpacing
        guard let position, let orientation, let spacing else { return nil }
        return try? SlicePlane(imagePosition: position, imageOrientation: orientation, pixelSpacing: spacing)
    }

    /// The line from stored values to units; `nil` when there is none, or when it is a table instead of a line.
    package func rescale(frame: Int) -> Rescale? {
        let source = group(.pixelValueTransformationSequence, frame: frame) ?? self
        guard items(.modalityLUTSequence).isEmpty, let slope = source.rescaleSlope,
            let intercept = source.rescaleIntercept
        else { return nil }
        return Rescale(slope: slope, intercept: intercept)
    }

    /// The windows proposed for a frame.
    package func windows(frame: Int) -> [WindowLevel] { (group(.frameVOILUTSequence, frame: frame) ?? self).windows }

    private func perFrameGroups(_ frame: Int) -> DICOMHeader? {
        let frames = items(.perFrameFunctionalGroupsSequence)
        return frames.indices.contains(frame) ? frames[frame] : nil
    }

    private func group(_ tag: DICOMTag, frame: Int) -> DICOMHeader? {
        perFrameGroups(frame)?.items(tag).first ?? items(.sharedFunctionalGroupsSequence).first?.items(tag).first
    }

    /// RT Dose: frame k lies Grid Frame Offset Vector[k] along the normal from frame 0 (PS3.3 C.8.8.3.2).
    private func dosePosition(frame: Int) -> [Double]? {
        guard let offsets = decimals(.gridFrameOffsetVector), offsets.indices.contains(frame), offsets[0] == 0,
            let origin = imagePositionPatient, let axes = imageOrientationPatient
        else { return nil }
        let normal = [
            axes[1] * axes[5] - axes[2] * axes[4], axes[2] * axes[3] - axes[0] * axes[5],
            axes[0] * axes[4] - axes[1] * axes[3],
        ]
        return zip(origin, normal).map { $0 + offsets[frame] * $1 }
    }
}
