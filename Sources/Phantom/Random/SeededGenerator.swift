/// SplitMix64, keyed by what the numbers are for.
///
/// A generator is made from a seed and a path of integers such as `(seed, patient, slice, purpose)`, so the numbers
/// drawn for one slice never depend on which thread drew the numbers of another. Only wrapping 64-bit integer
/// arithmetic is used: the stream is the same on every machine.
///
/// **Source** Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014; constants as in
/// Vigna's `splitmix64.c`. With an empty key path, seed 1234567 yields 6457827717110365317, 3203168211198807973, …
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts the stream named by `seed` and `key`; every key element selects an independent stream.
    package init(seed: UInt64, key: UInt64...) {
        state = seed
        for element in key {
            state = Self.mix(state &+ Self.increment) ^ Self.mix(element &+ Self.increment)
        }
    }

    package mutating func next() -> UInt64 {
        state &+= Self.increment
        return Self.mix(state)
    }

    /// The next value, uniform in `range`, with 24 bits of resolution.
    package mutating func uniform(_ range: ClosedRange<Float>) -> Float {
        let unit = Float(next() >> 40) * (1 / Float(1 << 24))
        return range.lowerBound + unit * (range.upperBound - range.lowerBound)
    }

    /// The next value, roughly normal with mean 0 and standard deviation 1 (sum of twelve uniforms), within ±6.
    package mutating func normal() -> Float {
        var sum: Float = 0
        for _ in 0..<3 {
            let bits = next()
            for shift in [0, 16, 32, 48] as [UInt64] { sum += Float((bits >> shift) & 0xFFFF) }
        }
        return sum / 65536 - 6
    }

    /// The next index, uniform in `0..<count`; the bias is below `count` / 2⁶⁴.
    package mutating func index(below count: Int) -> Int {
        precondition(count > 0, "an index needs at least one choice")
        return Int(next().multipliedFullWidth(by: UInt64(count)).high)
    }

    /// The next element of a non-empty list.
    package mutating func pick<Element>(_ choices: [Element]) -> Element { choices[index(below: choices.count)] }

    private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
