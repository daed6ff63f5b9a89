/// What is known of one slice before its series is ordered.
package struct SliceCandidate: Sendable, Equatable {
    package var plane: SlicePlane?
    /// Slice Location (0020,1041), mm.
    package var sliceLocation: Double?
    /// Instance Number (0020,0013).
    package var instanceNumber: Int?
    /// The file's path below the dataset root, with the frame number where a file has several; breaks all ties.
    package var name: String
    /// What may tell the volumes of its series apart, as the source writes it; absent where the source is silent.
    package var traits: [VolumeTrait: String]

    package init(
        plane: SlicePlane? = nil, sliceLocation: Double? = nil, instanceNumber: Int? = nil, name: String,
        traits: [VolumeTrait: String] = [:]
    ) {
        self.plane = plane
        self.sliceLocation = sliceLocation
        self.instanceNumber = instanceNumber
        self.name = name
        self.traits = traits
    }
}
