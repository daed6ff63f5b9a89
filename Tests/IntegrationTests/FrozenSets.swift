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
}
