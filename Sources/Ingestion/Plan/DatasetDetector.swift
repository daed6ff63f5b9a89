internal import Datasets

/// Asks every adapter where in the listing its layout lies.
package struct DatasetDetector: Sendable {
    /// Names for `--adapter` of the layouts that the program knows; the declared sources and, last, plain folders follow.
    package static let adapterNames = [
        PhysioNetICHNIfTI.name, PhysioNetICHJPEG.name, LUNA16.name, LIDC.name, FolderReader.dicom.adapter,
        FolderReader.images.adapter,
    ]

    let adapterName: String?
    /// Layouts that files of `etl/sources` declare.
    let sources: [DeclaredSource]

    /// Plans of all data sets found, in order of their anchors.
    ///
    /// **Throws** `badOption` where the layout that the user named is nowhere.
    func plans(in listing: some FileListing) async throws -> [DatasetPlan] {
        var found: [(anchor: String, plan: DatasetPlan)] = []
        found += try await plans(of: PhysioNetICHNIfTI.self, in: listing)
        found += try await plans(of: PhysioNetICHJPEG.self, in: listing)
        found += try await plans(of: LUNA16.self, in: listing)
        found += try await plans(of: LIDC.self, in: listing)
        for source in sources where adapterName == nil || adapterName == source.name {
            let adapters = try await DeclaredAdapter.detect(source, in: listing)
            guard adapterName == nil || !adapters.isEmpty else {
                throw absent(source.name, layout: "declared in etl/sources")
            }
            for adapter in adapters { found.append((adapter.anchor, try await adapter.plan(listing))) }
        }
        return withoutOverlap(found)
    }

    /// Layouts may lie within one another: each file belongs to the innermost that claims it.
    private func withoutOverlap(_ found: [(anchor: String, plan: DatasetPlan)]) -> [DatasetPlan] {
        func depth(_ anchor: String) -> Int { anchor.split(separator: "/").count }
        var claimed: Set<SourceFile> = []
        let inner = found.sorted { (depth($1.anchor), $0.anchor) < (depth($0.anchor), $1.anchor) }
        let plans = inner.map { _, plan in
            let own = plan.removing(claimed)
            claimed.formUnion(own.claimedFiles)
            return own
        }
        let folders = plans.flatMap(\.folders)
        return plans.map { plan in
            var plan = plan
            plan.unmatched = plan.unmatched?.besides(claimed, in: folders)
            return plan
        }
    }

    private func plans<Adapter: DatasetAdapter>(
        of type: Adapter.Type, in listing: some FileListing
    ) async throws -> [(anchor: String, plan: DatasetPlan)] {
        guard adapterName == nil || adapterName == Adapter.name else { return [] }
        var found: [(anchor: String, plan: DatasetPlan)] = []
        for adapter in try await Adapter.detect(in: listing) {
            found.append((adapter.anchor, try await adapter.plan(listing)))
        }
        guard adapterName == nil || !found.isEmpty else {
            throw absent(Adapter.name, layout: Adapter.layout)
        }
        return found
    }

    private func absent(_ name: String, layout: String) -> IngestionError {
        IngestionError(
            code: .badOption, subject: "--adapter \(name)",
            reason: "the folder does not have this layout, which is \(layout); leave the option out and "
                + "the layout is recognised, or name the folder that holds it")
    }
}
