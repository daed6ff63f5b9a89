import Glibc
import Testing

@testable import BatchStream

@Suite struct JoinableThreadTests {
    #if arch(x86_64)
        /// Bits 15 and 6 of MXCSR, as TensorFlow's threads have them: subnormal results are zero, and so are operands.
        @Test func `a thread keeps subnormal numbers, whatever the one that starts it does with them`() throws {
            var own = fenv_t()
            unsafe fegetenv(&own)
            defer { unsafe fesetenv(&own) }
            var flushing = own
            flushing.__mxcsr |= 0x8040
            unsafe fesetenv(&flushing)
            let here = Self.half(of: .leastNormalMagnitude)
            let answer = Monitor(here)
            let thread = try JoinableThread { answer.change { $0 = Self.half(of: .leastNormalMagnitude) } }
            thread.join()
            let there = answer.change { $0 }
            // As words: here the processor takes them for zeros. 2 to the -1023 has the highest bit of the fraction.
            #expect(here.bitPattern == 0)
            #expect(there.bitPattern == 1 << 51)
        }

        /// At run time, not by the compiler.
        @inline(never) private static func half(of number: Double) -> Double { number / 2 }
    #endif
}
