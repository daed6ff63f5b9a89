import ArgumentParser
import CanonicalJSON
import Catalogue
import SQLInterface
import Warehouse

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Decode every slice against its digest, and run the checks of sql/checks.",
        discussion: """
            EXAMPLES
              slicehouse verify
              slicehouse verify --dataset physionet-ct-ich --json
            """)

    @OptionGroup var database: DatabaseOptions

    @Option(name: .long, help: "Only the slices of this data set, name or name@version.")
    var dataset: String?

    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await database.withWarehouse { warehouse in
            let report = try await warehouse.withConnection { connection in
                let choice = dataset.map { DatasetChoice($0) }
                try await choice?.check(on: connection)
                return try await Verification(choice.map(SliceStream.datasets) ?? .all).run(on: connection)
            }
            let broken = try await brokenPromises(warehouse)
            show(report, broken)
            if !report.failures.isEmpty || !broken.isEmpty { throw Failure.someRejected }
        }
    }

    private func brokenPromises(_ warehouse: Warehouse) async throws -> [(name: String, rows: Int, title: String)] {
        var broken: [(name: String, rows: Int, title: String)] = []
        for check in warehouse.sqlLibrary.checks(engine: warehouse.engine) {
            let rows = try await warehouse.withConnection { try await $0.rows(try check.sql()) }
            if !rows.isEmpty { broken.append((check.name, rows.count, check.title)) }
        }
        return broken
    }

    private func show(_ report: Verification.Report, _ broken: [(name: String, rows: Int, title: String)]) {
        if format.json {
            let value: JSONValue = [
                "slices": .integer(report.sliceCount), "damaged": .integer(report.failures.count),
                "broken_checks": .object(
                    Dictionary(broken.map { ($0.name, .integer($0.rows)) }, uniquingKeysWith: { $1 })),
                "damaged_slices": .array(
                    report.failures.map { failure in
                        [
                            "slice_id": .string(String(failure.sliceID)),
                            "series_id": .string(String(failure.seriesID)), "reason": .string(failure.reason),
                        ]
                    }),
            ]
            return Terminal.put(value.text)
        }
        Terminal.put(
            "\(report.sliceCount) slices decoded, \(report.failures.count) damaged; \(broken.count) checks broken")
        for failure in report.failures {
            Terminal.put("  slice \(failure.sliceID) of series \(failure.seriesID): \(failure.reason)")
        }
        for check in broken {
            Terminal.put("  \(check.name): \(check.rows) rows. \(check.title) (slicehouse sql \(check.name))")
        }
    }
}
