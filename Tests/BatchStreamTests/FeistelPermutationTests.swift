import Testing
@testable import BatchStream
