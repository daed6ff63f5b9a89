import ArgumentParser

struct PhantomCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "phantom",
        abstract: "Make synthetic cohorts in the layouts of published data sets, with their quirks.",
        subcommands: [
            PhysioNetICHPhantomCommand.self, RSNA2019PhantomCommand.self, RetinopathyPhantomCommand.self,
            LUNA16PhantomCommand.self, LIDCPhantomCommand.self,
            DICOMPhantomCommand.self,
        ])
}
