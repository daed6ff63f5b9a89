import Imaging
import LinearAlgebra
import Testing

@testable import Analysis

@Suite struct LabelMapEvidenceTests {
    private func picture(_ value: (_ row: Int, _ column: Int) -> Double) throws -> PixelBuffer {
        let bytes = (0..<64 * 64).map { UInt8(max(0, min(255, value($0 / 64, $0 % 64).rounded()))) }
        return try PixelBuffer(type: .u8, rows: 64, columns: 64, bytes: bytes)
    }

    private func labels(of value: (_ row: Int, _ column: Int) -> Double) throws -> Int? {
        var evidence = LabelMapEvidence()
        evidence.add(try picture(value))
        return evidence.labelCount
    }

    @Test func `regions of a few values are labels`() throws {
        #expect(try labels { row, column in (10..<30).contains(row) && (5..<60).contains(column) ? 1 : 0 } == 2)
        #expect(try labels { row, column in row < 8 ? 0 : Double(1 + row / 16 * 4 + column / 16) } == 17)
    }

    @Test func `eight bits of a picture with noise are none, and neither are gradients or a flat picture`() throws {
        let noise = PhiloxGenerator(seed: 1).normal(rows: 64, columns: 64)
        #expect(try labels { row, column in column < 20 ? 0 : 100 + 2 * noise[row, column] } == nil)
        // A window that cuts most of the noise off.
        #expect(try labels { row, column in column < 20 ? 0 : 250 + 6 * noise[row, column] } == nil)
        #expect(try labels { row, column in Double(row + column) } == nil)
        #expect(try labels { _, _ in 7 } == nil)
    }

    /// A bone window of a head: air is black, the skull is white, and a little of what lies between has noise.
    @Test func `a CT picture with wide black and white areas is none`() throws {
        let noise = PhiloxGenerator(seed: 2).normal(rows: 64, columns: 64)
        func value(_ row: Int, _ column: Int) -> Double {
            switch column {
            case ..<30: 0
            case ..<58: 255
            default: 120 + 20 * noise[row, column]
            }
        }
        let picture = try picture(value)
        // Three pixels of four are flat beside the background, so that this alone does not tell.
        let values = picture.doubles()
        let besides = values.indices.filter { values[$0] != 0 }
        let flat = besides.count { $0 % 64 < 63 && values[$0] == values[$0 + 1] }
        #expect(flat * 4 > besides.count * 3)
        #expect(try labels(of: value) == nil)
    }

    /// Thin ones have few pixels that are flat, wide ones nearly all.
    @Test func `many labels of all sizes are labels`() throws {
        #expect(try labels { row, column in row < 4 ? 0 : Double(1 + row / 4 * 4 + column / 16) } == 61)
        #expect(try labels { row, column in row < 40 ? 0 : row < 44 ? Double(1 + column / 2) : 40 } == 34)
    }

    @Test func `more values than a byte has are no labels, and nothing more is looked at`() throws {
        var evidence = LabelMapEvidence()
        // 512 values, each in eight pixels.
        let words = (0..<4_096).flatMap { pixel -> [UInt8] in [UInt8(pixel / 8 % 256), UInt8(pixel / 2_048)] }
        evidence.add(try PixelBuffer(type: .u16, rows: 64, columns: 64, bytes: words))
        #expect(evidence.labelCount == nil && !evidence.isOpen)
    }

    @Test func `an empty slice leaves the question open`() throws {
        var evidence = LabelMapEvidence()
        evidence.add(try picture { _, _ in 0 })
        #expect(evidence.labelCount == nil && evidence.isOpen)
        evidence.add(try picture { row, column in row < 32 && column < 32 ? 5 : 0 })
        #expect(evidence.labelCount == 2)
    }
}
