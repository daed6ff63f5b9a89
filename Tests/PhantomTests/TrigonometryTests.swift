import Foundation
import Testing

@testable import Phantom

/// Compared with the C library, which is the independent source here.
@Suite struct TrigonometryTests {
    @Test func `sine and cosine agree with the C library`() {
        for step in -40...40 {
            let turns = Float(step) / 16 + 0.01
            let angle = Double(turns) * 2 * Double.pi
            #expect(abs(Double(Trigonometry.sine(turns: turns)) - sin(angle)) < 2e-6)
            #expect(abs(Double(Trigonometry.cosine(turns: turns)) - cos(angle)) < 2e-6)
        }
    }

    @Test func `the angle agrees with the C library in every octant`() {
        for step in 0..<64 {
            let angle = Double(step) / 64 * 2 * Double.pi + 0.001
            let turns = Trigonometry.turns(y: Float(sin(angle) * 30), x: Float(cos(angle) * 30))
            #expect(abs(Double(turns) - angle / (2 * Double.pi)) < 2e-5)
        }
        #expect(Trigonometry.turns(y: 0, x: 0) == 0)
    }
}
