internal import Datasets

/// Asks every adapter where in the listing its layout lies.
package struct DatasetDetector: Sendable {
    /// Names for `--adapter`, the plain folders last.
    package static let adapterNames = [
        PhysioNetICHNIfTI.name, PhysioNetICHJPEG.name, LUNA16.name, LIDC.name, FolderReader.dicom.adapter, FolderReader.images.adapter,
    ]

    let adapterName: String?

    /// Plans of all data sets found, in order of their anchors.
    func plans(in listing: some FileListing) async throws -> [DatasetPlan] {
        var found: [(anchor: String, plan: DatasetPlan)] = []
        found += try await plans(of: PhysioNetICHNIfTI.self, in: listing)
        found += try await plans(of: PhysioNetICHJPEG.self, in: listing)
        found += try await plans(of: LUNA16.self, in: listing)
        found += try await plans(of: LIDC.self, in: listing)
        return found.sorted { $0.anchor < $1.anchor }.map(\.plan)
    }

    private func plans<Adapter: DatasetAdapter>(
        of type: Adapter.Type, in listing: some FileListing
    ) async throws -> [(anchor: String, plan: DatasetPlan)] {
        guard adapterName == nil || adapterName == Adapter.name else { return [] }
        var found: [(anchor: String, plan: DatasetPlan)] = []
        for adapter in try await Adapter.detect(in: listing) {
            found.append((adapter.anchor, try await adapter.plan(listing)))
        }
        return found
    }
}
