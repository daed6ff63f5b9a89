extension String {
    /// The text as a literal that both engines read, quotes doubled; for statements that are stored as text.
    package var sqlLiteral: String { "'" + replacing("'", with: "''") + "'" }
}
