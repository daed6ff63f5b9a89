import ArgumentParser
import Warehouse

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the schema of a warehouse up to this program's.",
        discussion: """
            A new SQLite file or an empty PostgreSQL schema is made by the first ingest; an older warehouse is \
            changed only by this command. With --dry-run the exit code is 65 when something is pending.

            EXAMPLES
              slicehouse migrate --dry-run
              slicehouse migrate --database postgresql://owner@db/imaging
            """)

    @OptionGroup var database: DatabaseOptions

    @Flag(name: .long, help: "Say what is pending, and change nothing.")
    var dryRun = false

    func run() async throws {
        let access: Warehouse.Access = dryRun ? .read : .write(create: true)
        try await database.withWarehouse(access, migration: .ignore) { warehouse in
            let migrator = try Migrator(library: warehouse.sqlLibrary, location: warehouse.location)
            try await warehouse.withConnection(dryRun ? .read : .write) { connection in
                let status = try await migrator.status(connection)
                for file in status.pending { Terminal.put("pending: \(file.fileName)") }
                if status.viewsArePending { Terminal.put("pending: the views of sql/views") }
                if status.isCurrent {
                    Terminal.put("The schema is current: \(status.applied.count) migrations applied.")
                }
                if dryRun {
                    if !status.isCurrent { throw Failure.someRejected }
                    return
                }
                let applied = try await migrator.migrate(connection)
                for file in applied { Terminal.put("applied: \(file.fileName)") }
            }
        }
    }
}
