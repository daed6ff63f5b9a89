import Foundation
import SQLInterface
import TestSupport
import Testing
import Warehouse

/// A full disk ends a run with a sentence and exit code 74; with room again, the same command completes.
@Suite("Disk full")
struct DiskFullTests {
    /// What a shell allows a file of the run to grow to, in blocks of 512 bytes: not enough for the images.
    @Test(arguments: [1_200, 3_000, 6_000])
    func `a file size limit ends the run, and a rerun without it gives what an undisturbed run gives`(
        blocks: Int
    ) async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        try await TestWarehouse.with(.sqlite) { place in
            let limited = try await program.run(
                tool: "/bin/sh",
                ["-c", "ulimit -f \(blocks); exec \"$@\"", "sh", Program.path, "ingest", "--database", place.url]
                    + ["--batch-slices", "20", cohort.path])
            try expectRefusal(limited)
            try await expectCompletion(program, place, cohort)
        }
    }

    @Test(.enabled(if: Volume.canMount, "no tmpfs can be mounted here"))
    func `a full volume below SQLite ends the run, and a rerun with room completes it`() async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let volume = try Volume(megabytes: 4)
        let place = try TestWarehouse(url: "sqlite:" + volume.folder.path("w.sqlite"))
        try expectRefusal(try await program.run("ingest", "--database", place.url, cohort.path))
        try volume.resize(megabytes: 64)
        try await expectCompletion(program, place, cohort)
    }

    @Test(
        .enabled(if: TestEngine.hasPostgreSQL, "\(TestEngine.isMissing)"),
        .enabled(if: Volume.canMount, "no tmpfs can be mounted here"))
    func `a full tablespace below PostgreSQL ends the run, and a rerun with room completes it`() async throws {
        let cohort = try await Cohorts.smallICH()
        let home = try TemporaryFolder()
        let program = try Program(home: home)
        let volume = try Volume(megabytes: 256)
        let name = "full_" + UUID().uuidString.lowercased().filter { $0 != "-" }
        try volume.giveToServer()
        try await TestWarehouse.with(.postgresql) { place in
            try await place.script("CREATE TABLESPACE \(name) LOCATION '\(volume.folder.path("data"))'")
            let inside = program.with("PGOPTIONS", "-c default_tablespace=\(name)")
            #expect(try await inside.run("migrate", "--database", place.url).exitCode == 0)
            try volume.fill()
            try expectRefusal(
                try await inside.run("ingest", "--database", place.url, "--batch-slices", "20", cohort.path))
            try volume.makeRoom()
            try await expectCompletion(inside, place, cohort)
            try await place.dropSchema()
            try await place.script("DROP TABLESPACE \(name)")
        }
    }

    private func expectRefusal(_ result: Program.Result) throws {
        #expect(result.exitCode == 74, "\(result.signal ?? 0) \(result.error)")
        let last = result.errorLines.last ?? ""
        // A limit on the size of files looks to SQLite like a disk that does not write.
        #expect(last.hasPrefix("slicehouse: "), "\(result.error)")
        #expect(last.contains("full") || last.contains("check the disk"), "\(result.error)")
        #expect(result.output.isEmpty)
    }

    private func expectCompletion(
        _ program: Program, _ place: TestWarehouse, _ cohort: TemporaryFolder
    ) async throws {
        let again = try await program.run("ingest", "--database", place.url, cohort.path)
        #expect(again.exitCode == 0, "\(again.error)")
        let undisturbed = try await TestWarehouse.with(place.engine) { fresh in
            try await program.run("ingest", "--database", fresh.url, cohort.path)
            return try await WarehouseContents(of: fresh)
        }
        let differences = try await WarehouseContents(of: place).differences(from: undisturbed)
        #expect(differences == [])
        let broken = try await place.brokenPromises()
        #expect(broken == [])
    }
}

/// A small volume in memory that is unmounted when the test lets go of it.
private final class Volume {
    let folder: TemporaryFolder

    /// Mounting needs a privilege that neither users nor most containers have.
    static let canMount: Bool = {
        guard let folder = try? TemporaryFolder(), (try? run("mount", "-t", "tmpfs", "tmpfs", folder.path)) != nil
        else {
            return false
        }
        return (try? run("umount", folder.path)) != nil
    }()

    init(megabytes: Int) throws {
        folder = try TemporaryFolder()
        try Self.run("mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", folder.path)
    }

    deinit {
        try? Self.run("umount", "-l", folder.path)
    }

    func resize(megabytes: Int) throws {
        try Self.run("mount", "-o", "remount,size=\(megabytes)m", folder.path)
    }

    /// A folder in which the server may make a tablespace; the server runs as another user where tests run as root.
    func giveToServer() throws {
        try folder.makeFolder("data")
        try Self.run("chmod", "777", folder.path)
        if getuid() == 0 { try Self.run("chown", "postgres", folder.path("data")) }
    }

    /// Leaves 200 kB of room.
    func fill() throws {
        try? Self.run("dd", "if=/dev/zero", "of=" + folder.path("ballast"), "bs=64k")
        try Self.run("truncate", "-s", "-200K", folder.path("ballast"))
    }

    func makeRoom() throws { try folder.remove("ballast") }

    private static func run(_ arguments: String...) throws {
        _ = try ChildProcess.output("/usr/bin/env", arguments, error: "/dev/null")
    }
}
