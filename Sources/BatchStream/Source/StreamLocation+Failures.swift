internal import PostgreSQL

extension StreamLocation {
    /// What to throw where the table of training sets was looked for: without that table there is no warehouse.
    func explained(_ error: any Error) -> any Error {
        switch self {
        case .postgresql(_, let schema):
            // The server looks past a schema that does not exist, or that the user may not use.
            guard let failure = error as? PostgresError, failure.sqlState == "42P01" else { return error }
            return StreamError(
                .notFound,
                "There is no warehouse in schema \(schema), or this user may not use it: check schema= in the URL; "
                    + "slicehouse migrate makes one.", underlying: failure)
        case .sqlite:
            guard let failure = error as? SQLiteStreamError, failure.message.hasPrefix("no such table") else {
                return error
            }
            return StreamError(
                .notFound,
                "There is no warehouse in \(failure.database): check the path; slicehouse migrate makes one.",
                underlying: failure)
        }
    }
}
