import ArgumentParser
import CaptureFiles
import Glibc
import Lab
import LineEdit

/// `replab`: the lab at a prompt, or a script when standard input is no terminal.
@main struct Replab: ParsableCommand {
  /// The program's version, as `--version` prints it.
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "replab",
    abstract: "A step-through lab for Redis replication: a debugger whose program is a topology.",
    usage: "replab [<options>]\nreplab <subcommand> [<options>]",
    discussion: """
      Without a command it opens the lab: at a prompt on a terminal, else running standard input as a script.

        $ replab
        lab> start m --port 7000
        lab> start r --port 7001 --replicaof "127.0.0.1 7000"
        lab> step

      Type `help` at the prompt for its verbs.
      """,
    version: version,
    subcommands: [
      Run.self, LessonCommand.self, Replay.self, Inspect.self, Spy.self, Convert.self, Compare.self, Web.self,
      ManualPage.self,
    ])

  @OptionGroup var options: Options

  func run() throws {
    let onTerminal = isatty(STDIN_FILENO) == 1
    try MainActor.assumeIsolated {
      var session = try Session(options, forPrompt: onTerminal)
      if onTerminal {
        session.greet()
        Prompt.run(&session)
      } else {
        try Script(standardInput: ()).run(in: &session)
      }
    }
  }

  /// `replab run FILE`: a script, without a prompt.
  struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Runs a lab script; stops at the first command that fails.",
      usage: "replab run <file> [<options>]",
      discussion: """
        Exit status: 0 all well, 1 an expectation failed, 2 wrong usage, 3 unreadable or malformed input, \
        130 interrupted.
        """)

    @Argument(help: "The script; - is standard input.") var file: String
    @OptionGroup var options: Options
    @ParentCommand var parent: Replab

    func run() throws {
      var session = try Session(options.over(parent.options), forPrompt: false)
      let script = file == "-" ? Script(standardInput: ()) : try Script(path: file)
      try script.run(in: &session, ifNoScript: Replab.hint(forFile: file, givenTo: "run"))
    }
  }

  /// What the shell calls them.
  static let commandNames: [String] = configuration.subcommands.filter { $0.configuration.shouldDisplay }.map {
    $0._commandName
  }

  /// What is meant where a file stands in a command's place.
  private static func hint(for arguments: ArraySlice<String>) -> String? {
    guard let file = arguments.first(where: { !$0.hasPrefix("-") }), access(file, R_OK) == 0 else { return nil }
    return hint(forFile: file)
  }

  /// What is meant where a file was given to a command that can't read it; nil where its name says that it can.
  static func hint(forFile file: String, givenTo given: String? = nil) -> String? {
    let command = command(forFile: file)
    return command == given ? nil : command.map { "Did you mean `replab \($0) \(file)`?" }
  }

  /// The command that reads such a file; nil where its name does not say.
  static func command(forFile file: String) -> String? {
    let ending = file.split(separator: "/").last?.split(separator: ".").dropFirst().last { $0 != "gz" }
    return switch ending {
    case "lab": "run"
    case "rdb", "aof": "inspect"
    case "pcap", "cap", "pcapng", "ntar", "tcpdump", "txt", "hex", "arrows": "replay"
    default: nil
    }
  }

  /// Complains of `replab help NAME` where nothing has that name.
  private static func checkHelp(_ arguments: ArraySlice<String>) throws(Complaint) {
    guard arguments.first == "help", let name = arguments.dropFirst().first, !name.hasPrefix("-"),
      !configuration.subcommands.contains(where: { $0._commandName == name }), name != "help"
    else { return }
    let nearest = Suggestion.nearest(to: name, among: commandNames).map { "Did you mean ‘\($0)’?" }
    throw .usage("there is no command ‘\(name)’", advice: nearest ?? "`replab --help` lists them.")
  }

  /// Runs the command and turns what it throws into a message on standard error and the exit status that
  /// `Complaint.Kind` names. (Without this, a wrong option would exit with 64.) A command that has said itself what
  /// failed throws an `ExitCode`.
  static func main() {
    Interrupt.install()
    Recording.isInterrupted = { Interrupt.requested }
    do {
      try checkHelp(CommandLine.arguments.dropFirst())
      var command = try parseAsRoot()
      try command.run()
      try Output.standardOutput.requireWritten()
    } catch let complaint as Complaint {
      complaint.report(to: .standardError)
      Glibc.exit(complaint.kind.exitStatus)
    } catch {
      if let status = error as? ExitCode { Glibc.exit(status.rawValue) }
      let isAnswer = exitCode(for: error) == .success  // --help and --version
      let output = isAnswer ? Output.standardOutput : .standardError
      output.write(fullMessage(for: error) + "\n")
      if !isAnswer, let hint = hint(for: CommandLine.arguments.dropFirst()) { output.write("  \(hint)\n") }
      Glibc.exit(isAnswer ? 0 : Complaint.Kind.usage.exitStatus)
    }
  }
}
