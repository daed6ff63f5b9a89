import Testing

@testable import Phantom

@Suite struct HeadStackTests {
    private func stack(size: Int, bleeding: [HaemorrhageKind: [Int]] = [:], age: Double = 35) -> HeadStack {
        let plan = HeadStack.Plan(
            patient: 1, ageYears: age, isMale: true, sliceCount: 34, topSlice: 32, bleeding: bleeding, fractures: [],
            isChronic: false)
        return HeadStack(seed: 3, plan: plan, size: size, fieldOfView: 230, atlas: HeadStack.Atlas(seed: 3))
    }

    /// Hounsfield units of air, bone and brain as in textbooks: −1000, above 300, 20 to 45.
    @Test func `a slice above the ventricles has air around, a closed ring of bone, and brain within`() {
        let size = 128
        let hu = stack(size: size).slice(26).hu
        #expect(hu[0] < -900)
        let middle = size / 2 * size
        let row = hu[middle..<middle + size]
        #expect(row.max() ?? 0 > 700)
        let center = (0..<20).flatMap { dy in (0..<20).map { dx in Double(hu[(54 + dy) * size + 40 + dx]) } }
        let mean = center.reduce(0, +) / 400
        #expect((24...42).contains(mean))
    }

    @Test func `noise in brain has a standard deviation of five to eight Hounsfield units`() {
        let size = 256
        let hu = stack(size: size).slice(27).hu
        var sum = 0.0
        var squares = 0.0
        for row in 120..<136 {
            for column in 90..<106 {
                let value = Double(hu[row * size + column])
                sum += value
                squares += value * value
            }
        }
        let deviation = (squares / 256 - sum / 256 * (sum / 256)).squareRoot()
        #expect((4...9).contains(deviation))
    }

    @Test(arguments: HaemorrhageKind.allCases)
    func `blood is outlined in its slices and nowhere else, and is dense`(kind: HaemorrhageKind) throws {
        let stack = stack(size: 128, bleeding: [kind: [20, 21, 22, 24]])
        for index in [19, 20, 21, 22, 23, 24, 25] {
            let slice = stack.slice(index)
            guard [20, 21, 22, 24].contains(index) else {
                #expect(slice.mask == nil)
                continue
            }
            let mask = try #require(slice.mask)
            #expect(Set(mask) == [0, 255])
            let inside = mask.indices.filter { mask[$0] > 0 }.map { Double(slice.hu[$0]) }.sorted()
            let median = inside[inside.count / 2]
            #expect(median > 40, "slice \(index): median \(median) HU")
        }
    }

    @Test func `a newborn's head is smaller than a man's`() {
        func boneCount(_ age: Double) -> Int { stack(size: 96, age: age).slice(25).hu.count { $0 > 200 } }
        #expect(boneCount(0.003) < boneCount(35))
    }

    @Test func `slices above the head are air and table`() {
        let hu = stack(size: 64).slice(33).hu
        #expect(hu.prefix(64 * 8).allSatisfy { $0 < -800 })
    }
}
