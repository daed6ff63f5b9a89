import SQLInterface
import TestSupport
import Training
import Warehouse

/// Splits and training sets as the tests of them freeze them.
enum FrozenSets {
    static func split(
        _ place: TestWarehouse, _ change: (inout SplitOptions) -> Void = { _ in }
    ) async throws {
        var options = SplitOptions()
        options.name = "s"
        change(&options)
        let request = try options.resolve()
        try await place.open(.write(create: false)) { warehouse in
            _ = try await SplitCreation(warehouse, clock: { SQLTimestamp(microseconds: 0) }).create(request)
        }
    }

    @discardableResult
    static func create(
        _ place: TestWarehouse, _ name: String = "t", recipe: String = "brain-window-512", expected: [UInt8]? = nil,
        _ change: (inout TrainingSetOptions) -> Void = { _ in }
    ) async throws -> TrainingSetCreation.Report {
        var options = TrainingSetOptions()
        options.name = name
        options.split = "s"
        options.target = "labels"
        options.domains = ["finding"]
        change(&options)
        return try await place.open(.write(create: false)) { warehouse in
            let recipe = try RecipeLibrary(home: warehouse.sqlLibrary.home).recipe(recipe)
            let request = try options.resolve(recipe: recipe)
            return try await TrainingSetCreation(warehouse, clock: { SQLTimestamp(microseconds: 0) })
                .create(request, expected: expected)
        }
    }

    @discardableResult
    static func createMasks(
        _ place: TestWarehouse, marks: String? = nil
    ) async throws -> TrainingSetCreation.Report {
        try await create(place) { options in
            options.target = "mask"
            options.domains = []
            options.marks = marks
        }
    }

    static func write(_ place: TestWarehouse, _ statement: SQL) async throws {
        _ = try await place.open(.write(create: false)) { warehouse in
            try await warehouse.withConnection(.write) { connection in
                try await connection.transaction { try await connection.execute(statement) }
            }
        }
    }

    /// A second reader says present of a slice.
    static func contradict(_ place: TestWarehouse, slice: Int64) async throws {
        try await write(
            place,
            """
            INSERT INTO reader (reader_id, dataset_id, reader_key, kind)
            SELECT 77, dataset_id, 'second', 'human' FROM dataset
            """)
        try await write(
            place,
            """
            INSERT INTO label (patient_id, label_source_id, label_id, label_domain_id, reader_id, level, slice_id,
                occurrence, raw_value, ingest_run_id)
            SELECT patient_id, label_source_id, 78, label_domain_id, 77, level, slice_id, occurrence, '1', ingest_run_id
            FROM label WHERE slice_id = \(slice)
            """)
        try await write(
            place,
            """
            INSERT INTO label_value (patient_id, label_source_id, label_id, label_ruleset_id, value_ordinal, status,
                label_term_id)
            SELECT label.patient_id, label.label_source_id, 78, label_value.label_ruleset_id, 0, 'clean',
                (SELECT label_term_id FROM label_term WHERE name = 'present')
            FROM label
            JOIN label_value ON label_value.patient_id = label.patient_id AND label_value.label_id = label.label_id
            WHERE label.slice_id = \(slice)
            """)
    }
}
