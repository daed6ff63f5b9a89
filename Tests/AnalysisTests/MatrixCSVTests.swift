import Foundation
import Imaging
import TestSupport
import Testing

@testable import Analysis

@Suite struct MatrixCSVTests {
    /// Lines of `numpy.savetxt(sys.stdout, [[...]], delimiter=',')`.
    @Test func `numbers are written as NumPy writes them`() {
        let expected: [(Double, String)] = [
            (-1024, "-1.024000000000000000e+03"), (0, "0.000000000000000000e+00"), (7, "7.000000000000000000e+00"),
            (0.1, "1.000000000000000056e-01"), (123_456_789_012, "1.234567890120000000e+11"),
            (-2.5, "-2.500000000000000000e+00"),
        ]
        for (value, text) in expected {
            var bytes: [UInt8] = []
            MatrixCSV.append(value, to: &bytes)
            #expect(String(decoding: bytes, as: UTF8.self) == text)
        }
    }

    @Test func `a matrix comes back from its file`() throws {
        let folder = try TemporaryFolder()
        let store = try SampleStore(
            rows: 3, columns: 2, types: [.i16, .i16], rescales: [nil, Rescale(slope: 0.5, intercept: -3)],
            inMemory: false,
            environment: ["TMPDIR": folder.path])
        try store.put(try PixelBuffer(rows: 3, columns: 2, elements: [1, -2, 3, -4, 5, 6] as [Int16]), slice: 0)
        try store.put(try PixelBuffer(rows: 3, columns: 2, elements: [7, 8, 9, 10, 11, 12] as [Int16]), slice: 1)
        try MatrixCSV.write(store, to: folder.path("s.csv"))
        let (back, range) = try MatrixCSV.read(
            folder.path("s.csv"), rows: 3, columns: 2, inMemory: true, environment: [:])
        #expect(try back.values(of: 0) == [1, -2, 3, -4, 5, 6])
        #expect(try back.values(of: 1) == [0.5, 1, 1.5, 2, 2.5, 3])
        #expect(range == -4...6)
    }

    @Test(arguments: [
        ("1,2\n3\n", AnalysisError.Code.unsuitable), ("1,2\n3,x\n", .unsuitable), ("1\n2\n", .unsuitable),
        ("1,nan\n2,3\n", .unsuitable), ("1,2\n", .badOption), ("1,2\n3,4\n5,6\n", .badOption),
    ])
    func `text that is no such matrix is refused`(text: String, code: AnalysisError.Code) throws {
        let folder = try TemporaryFolder()
        try folder.write(text, to: "s.csv")
        let error = #expect(throws: AnalysisError.self) {
            try MatrixCSV.read(folder.path("s.csv"), rows: 2, columns: 1, inMemory: true, environment: [:])
        }
        #expect(error?.code == code)
    }
}
