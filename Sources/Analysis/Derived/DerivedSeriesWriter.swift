internal import DICOM
internal import Foundation
internal import Imaging

/// Writes a denoised stack as DICOM files, one a slice: `00001.dcm`, …
package struct DerivedSeriesWriter: Sendable {
    private let series: AnalysedSeries
    private let headers: SourceHeaders
    private let format: DerivedFormat
    private let identity: DerivedHeader.Identity

    package var seriesInstanceUID: String { identity.seriesUID }

    /// - Parameters:
    ///   - recipeSHA256: With the input's digest it makes the UIDs.
    ///   - description: Goes into Series Description.
    ///   - derivation: Goes into Derivation Description; at most 1,024 characters.
    package init(
        _ series: AnalysedSeries, headers: SourceHeaders, format: DerivedFormat, recipeSHA256: String,
        description: String, derivation: String, version: String
    ) {
        self.series = series
        self.headers = headers
        self.format = format
        let digest = series.inputDigest.map { String($0, radix: 16) }.joined(separator: ",")
        let first = series.slices.first.map { headers.header(of: $0.sliceID) }
        identity = DerivedHeader.Identity(
            seriesUID: DerivedUID.make([series.seriesInstanceUID ?? String(series.seriesID), digest, recipeSHA256]),
            // Beside the source and out of the way of its neighbours, as workstations number theirs.
            seriesNumber: (first?.integer(.seriesNumber)).map { $0 > 0 && $0 < 20_000 ? $0 * 100 + 1 : 9_001 } ?? 9_001,
            description: String(description.prefix(64)), derivation: String(derivation.prefix(1_024)),
            version: version, source: DerivationRecord(series))
    }

    /// Writes the files into a folder that exists.
    ///
    /// **Throws** `inputOutput`; `DICOMError` where a value of the source's header cannot be written.
    package func write(_ store: SampleStore, to folder: String) throws {
        let builder = DerivedHeader(series: series, identity: identity)
        let writer = DICOMWriter()
        for index in 0..<store.sliceCount {
            try Task.checkCancellation()
            let source = headers.header(of: series.slices[index].sliceID)
            let bytes = try writer.file(
                elements: builder.elements(of: index, source: source, format: format),
                frames: [try store.pixels(of: index)])
            try OutputFolder.write(bytes, to: folder + "/" + Self.name(index))
        }
    }

    private static func name(_ index: Int) -> String {
        let digits = String(index + 1)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits + ".dcm"
    }
}

extension DerivationRecord {
    fileprivate init(_ source: AnalysedSeries) {
        self.init(
            datasetName: source.dataset.name, datasetVersion: source.dataset.version, adapter: source.dataset.adapter,
            isClinical: source.dataset.patientKeyKind == "clinical", patientKey: source.patientKey,
            studyKey: source.studyKey, studyInstanceUID: source.studyInstanceUID, seriesID: source.seriesID)
    }
}
