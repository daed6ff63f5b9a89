import ImageFiles
import Testing

@Suite struct GzipInflateTests {
    private let content = Array(String(repeating: "slicehouse ", count: 100).utf8) + Array("two".utf8)

    @Test func `members that follow one another are one stream and zeros after them are padding`() throws {
        #expect(try GzipInflate.inflate(GzipFixture.twoMembers) == content)
        #expect(try GzipInflate.inflate(GzipFixture.twoMembers, expectedCount: content.count) == content)
        #expect(try GzipInflate.inflate(GzipFixture.twoMembers, expectedCount: 7) == content)
    }

    @Test func `the limit holds to the byte`() throws {
        #expect(try GzipInflate.inflate(GzipFixture.twoMembers, limit: content.count) == content)
        #expect(codeOf { try GzipInflate.inflate(GzipFixture.twoMembers, limit: content.count - 1) } == .tooLarge)
    }

    @Test func `a prefix needs only the beginning of the file`() throws {
        #expect(try GzipInflate.prefix(GzipFixture.twoMembers, count: 20) == Array(content.prefix(20)))
        let sample = try GzipSample.stored(content)
        #expect(try GzipInflate.prefix(Array(sample.prefix(115)), count: 500) == Array(content.prefix(100)))
    }

    @Test func `every cut of the file is noticed`() throws {
        let sample = try GzipSample.stored(Array(content.prefix(40)))
        for count in 1..<sample.count {
            #expect(codeOf { try GzipInflate.inflate(Array(sample.prefix(count))) } == .truncated, "\(count) bytes")
        }
    }

    @Test func `a wrong checksum and trailing rubbish are refused`() throws {
        var sample = try GzipSample.stored(content)
        sample[20] ^= 1
        #expect(codeOf { try GzipInflate.inflate(sample) } == .corrupt)
        #expect(codeOf { try GzipInflate.inflate(GzipFixture.twoMembers + [1, 2, 3]) } == .corrupt)
        #expect(codeOf { try GzipInflate.inflate(Array("plain text, no gzip".utf8)) } == .notAGzip)
    }
}
