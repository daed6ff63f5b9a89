import Testing

@testable import Analysis

@Suite struct DropLevelTests {
    /// The table that `round(k - k * f)` of Python gives for k = 245 (ch9 of the system that this replaces).
    @Test func `245 values keep 245, 243, 233, 220 and 172`() {
        let levels = DropLevel.defaultFractions.map { DropLevel(droppedFraction: $0, of: 245) }
        #expect(levels.map(\.keptCount) == [245, 243, 233, 220, 172])
        #expect(levels.map(\.zeroedCount) == [0, 2, 12, 25, 73])
    }

    /// Python's `round` goes to the even neighbour: round(2.5) = 2, round(7.5) = 8.
    @Test func `ties go to the even count`() {
        #expect(DropLevel(droppedFraction: 0.5, of: 5).keptCount == 2)
        #expect(DropLevel(droppedFraction: 0.5, of: 15).keptCount == 8)
        #expect(DropLevel(droppedFraction: 0, of: 3).keptCount == 3)
    }
}
