/// The attributes that pass `DeidentificationProfile.allowList`, by keyword (PS3.6), grouped by what they say.
///
/// None is marked X, Z or D in PS3.15 table E.1-1, with two exceptions decided for this house: UIDs (the option "Retain
/// UIDs") and Patient's Sex (of the option "Retain Patient Characteristics"; age, weight and size are not kept).
package enum DeidentificationList {
    /// The tags of all keywords.
    package static let tags: Set<DICOMTag> = Set(keywords.compactMap { DICOMDictionary.tag(of: $0) })

    static let keywords: [String] =
        identity + codes + equipment + acquisition + computedTomography + magneticResonance + projection + nuclear
        + relationship + imagePixel + functionalGroups + segmentation + structures + dose

    private static let identity = words(
        """
        SpecificCharacterSet ImageType SOPClassUID SOPInstanceUID Modality StudyInstanceUID SeriesInstanceUID
        FrameOfReferenceUID SynchronizationFrameOfReferenceUID PatientSex PatientIdentityRemoved BurnedInAnnotation
        PresentationIntentType ConversionType VolumetricProperties VolumeBasedCalculationTechnique
        ReferencedImageSequence SourceImageSequence DerivationCodeSequence PurposeOfReferenceCodeSequence
        ReferencedSeriesSequence ReferencedInstanceSequence ReferencedSOPClassUID ReferencedSOPInstanceUID
        ReferencedFrameNumber
        """)

    private static let codes = words("CodeValue LongCodeValue CodingSchemeDesignator CodingSchemeVersion CodeMeaning")

    private static let equipment = words("Manufacturer ManufacturerModelName SoftwareVersions")

    private static let acquisition = words(
        """
        BodyPartExamined AnatomicRegionSequence AnatomicRegionModifierSequence SliceThickness SpacingBetweenSlices
        ScanOptions PatientPosition AcquisitionNumber AcquisitionType AcquisitionMatrix DataCollectionDiameter
        ReconstructionDiameter ContrastBolusVolume ContrastBolusTotalDose ContrastBolusIngredientConcentration
        ActualFrameDuration FrameTime FrameTimeVector CineRate RecommendedDisplayFrameRate HeartRate TriggerTime
        NominalInterval FrameReferenceTime FrameIncrementPointer
        """)

    private static let computedTomography = words(
        """
        KVP DistanceSourceToDetector DistanceSourceToPatient GantryDetectorTilt TableHeight RotationDirection
        ExposureTime ExposureTimeInms ExposureTimeInuS XRayTubeCurrent XRayTubeCurrentInmA XRayTubeCurrentInuA Exposure
        ExposureInuAs ExposureInmAs FilterType FilterMaterial GeneratorPower FocalSpots ConvolutionKernel
        ConvolutionKernelGroup RevolutionTime SingleCollimationWidth TotalCollimationWidth TableSpeed
        TableFeedPerRotation SpiralPitchFactor CTDIvol CTDIPhantomTypeCodeSequence ExposureModulationType
        EstimatedDoseSaving DataCollectionCenterPatient ReconstructionTargetCenterPatient ReconstructionFieldOfView
        ReconstructionAlgorithm ReconstructionAngle WaterEquivalentDiameter CTAcquisitionTypeSequence
        CTAcquisitionDetailsSequence CTTableDynamicsSequence CTGeometrySequence CTReconstructionSequence
        CTExposureSequence CTXRayDetailsSequence CTImageFrameTypeSequence FrameType PixelPresentation
        """)

    private static let magneticResonance = words(
        """
        ScanningSequence SequenceVariant MRAcquisitionType SequenceName AngioFlag RepetitionTime EchoTime InversionTime
        NumberOfAverages ImagingFrequency ImagedNucleus EchoNumbers MagneticFieldStrength NumberOfPhaseEncodingSteps
        EchoTrainLength PercentSampling PercentPhaseFieldOfView PixelBandwidth InPlanePhaseEncodingDirection FlipAngle
        VariableFlipAngleFlag SAR dBdt DiffusionBValue DiffusionDirectionality DiffusionGradientOrientation
        DiffusionGradientDirectionSequence MRDiffusionSequence MREchoSequence EffectiveEchoTime
        MRTimingAndRelatedParametersSequence MRFOVGeometrySequence MRImageFrameTypeSequence MRAveragesSequence
        TemporalResolution ComplexImageComponent AcquisitionContrast
        """)

    private static let projection = words(
        """
        ViewPosition ViewCodeSequence ViewModifierCodeSequence ImagerPixelSpacing EstimatedRadiographicMagnificationFactor
        BodyPartThickness CompressionForce RelativeXRayExposure ExposureIndex TargetExposureIndex DeviationIndex
        Sensitivity DetectorType DetectorConfiguration FieldOfViewShape FieldOfViewDimensions FieldOfViewRotation
        FieldOfViewHorizontalFlip Grid AnodeTargetMaterial PositionerType PositionerPrimaryAngle
        PositionerSecondaryAngle DistanceSourceToEntrance OrganExposed CollimatorShape CollimatorLeftVerticalEdge
        CollimatorRightVerticalEdge CollimatorUpperHorizontalEdge CollimatorLowerHorizontalEdge
        """)

    private static let nuclear = words(
        """
        Units CountsSource SeriesType DecayCorrection DecayFactor DoseCalibrationFactor ScatterFractionFactor
        RandomsCorrectionMethod AttenuationCorrectionMethod ReconstructionMethod NumberOfSlices NumberOfTimeSlices
        ImageIndex NumberOfEnergyWindows NumberOfDetectors RadionuclideTotalDose RadionuclideHalfLife
        RadionuclidePositronFraction RadiopharmaceuticalInformationSequence RadionuclideCodeSequence
        EnergyWindowInformationSequence EnergyWindowRangeSequence EnergyWindowLowerLimit EnergyWindowUpperLimit
        """)

    private static let relationship = words(
        """
        SeriesNumber InstanceNumber PatientOrientation ImagePositionPatient ImageOrientationPatient SliceLocation
        Laterality ImageLaterality FrameLaterality TemporalPositionIdentifier NumberOfTemporalPositions
        TemporalPositionIndex StackID InStackPositionNumber ImagesInAcquisition ConcatenationUID
        InConcatenationNumber DimensionOrganizationSequence DimensionOrganizationUID DimensionOrganizationType
        DimensionIndexSequence DimensionIndexPointer FunctionalGroupPointer DimensionIndexValues
        """)

    private static let imagePixel = words(
        """
        SamplesPerPixel PhotometricInterpretation PlanarConfiguration NumberOfFrames Rows Columns PixelSpacing
        PixelSpacingCalibrationType PixelAspectRatio BitsAllocated BitsStored HighBit PixelRepresentation
        SmallestImagePixelValue LargestImagePixelValue PixelPaddingValue PixelPaddingRangeLimit QualityControlImage
        WindowCenter WindowWidth VOILUTFunction VOILUTSequence RescaleIntercept RescaleSlope RescaleType
        ModalityLUTSequence ModalityLUTType LUTDescriptor LUTData PresentationLUTShape
        RedPaletteColorLookupTableDescriptor GreenPaletteColorLookupTableDescriptor
        BluePaletteColorLookupTableDescriptor RedPaletteColorLookupTableData GreenPaletteColorLookupTableData
        BluePaletteColorLookupTableData SegmentedRedPaletteColorLookupTableData
        SegmentedGreenPaletteColorLookupTableData SegmentedBluePaletteColorLookupTableData LossyImageCompression LossyImageCompressionRatio LossyImageCompressionMethod
        PixelIntensityRelationship PixelIntensityRelationshipSign
        """)

    private static let functionalGroups = words(
        """
        SharedFunctionalGroupsSequence PerFrameFunctionalGroupsSequence PixelMeasuresSequence PlanePositionSequence
        PlaneOrientationSequence PixelValueTransformationSequence FrameVOILUTSequence FrameContentSequence
        FrameAnatomySequence DerivationImageSequence FrameAcquisitionNumber FrameAcquisitionDuration
        CardiacSynchronizationSequence NominalCardiacTriggerDelayTime
        """)

    /// Without labels and descriptions of segments, which are free text.
    private static let segmentation = words(
        """
        SegmentationType SegmentationFractionalType MaximumFractionalValue SegmentSequence SegmentNumber
        SegmentAlgorithmType SegmentAlgorithmName SegmentIdentificationSequence ReferencedSegmentNumber
        SegmentedPropertyCategoryCodeSequence SegmentedPropertyTypeCodeSequence RecommendedDisplayCIELabValue
        """)

    /// Without names and descriptions of regions, which the table marks.
    private static let structures = words(
        """
        ReferencedFrameOfReferenceSequence RTReferencedStudySequence RTReferencedSeriesSequence ContourImageSequence
        StructureSetROISequence ROINumber ReferencedFrameOfReferenceUID ROIGenerationAlgorithm ROIContourSequence
        ReferencedROINumber ROIDisplayColor ContourSequence ContourNumber ContourGeometricType NumberOfContourPoints
        ContourData RTROIObservationsSequence ObservationNumber RTROIInterpretedType
        """)

    private static let dose = words(
        """
        DoseUnits DoseType DoseSummationType GridFrameOffsetVector DoseGridScaling TissueHeterogeneityCorrection
        """)

    private static func words(_ text: String) -> [String] { text.split { $0 == " " || $0 == "\n" }.map { String($0) } }
}
