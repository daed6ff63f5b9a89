import ArgumentParser

/// Who changes by hand what counts, and why.
struct AuthorOptions: ParsableArguments {
    @Option(name: .long, help: "Who says so.")
    var author: String

    @Option(name: .long, help: "Why, in one sentence.")
    var reason: String

    func validate() throws {
        for (name, text) in [("--author", author), ("--reason", reason)] where text.allSatisfy(\.isWhitespace) {
            throw ValidationError("\(name) is blank; say who changes what counts, and why.")
        }
    }
}
