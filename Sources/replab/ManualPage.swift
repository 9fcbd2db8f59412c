import ArgumentParser

extension Replab {
  /// `replab manual-page`: what `make install` lays where `man` looks, made of the same tables as `--help` and `help`.
  struct ManualPage: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "manual-page", abstract: "Prints the manual page, for man(1).", shouldDisplay: false)

    func run() { Output.standardOutput.write(Self.text) }
  }
}

extension Replab.ManualPage {
  static var text: String {
    header + section("options", verbatim(Replab.helpMessage(columns: 72))) + section("commands", commands)
      + section("at the prompt", prompt) + footer
  }

  private static let header = """
    .TH REPLAB 1 "" "replab \(Replab.version)" "User Commands"
    .SH NAME
    replab \\- a step-through lab for Redis replication
    .SH SYNOPSIS
    .B replab
    [options]
    .br
    .B replab
    .I command
    [options]
    .SH DESCRIPTION
    A debugger whose program is a Redis replication topology: start a master and its replicas, step through the handshake, the
    full sync and the stream byte by byte, forwards and backwards in time. Nodes are simulated, time is virtual, chance is
    seeded; every byte is one that a real Redis 7.0 would have sent.
    .PP
    Without a command it opens the lab: at a prompt on a terminal, else running standard input as a script.

    """

  private static func section(_ title: String, _ text: String) -> String { ".SH \(title.uppercased())\n\(text)" }

  /// Each subcommand with what its own `--help` says, laid out as it is there.
  private static var commands: String {
    var text = ""
    for command in subcommands(of: Replab.self) {
      text += ".SS \(escaped(command._commandName))\n" + verbatim(Replab.helpMessage(for: command, columns: 72))
    }
    return text
  }

  /// All subcommands that `--help` names, the inner ones too.
  private static func subcommands(of command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
    var all: [any ParsableCommand.Type] = []
    for inner in command.configuration.subcommands where inner.configuration.shouldDisplay {
      all.append(inner)
      all += subcommands(of: inner)
    }
    return all
  }

  private static var prompt: String {
    """
    A line is a node's name and a command for it, as redis-cli would take it, or begins with a verb. A node is started with
    .B start
    and what redis-server takes; then
    .B step
    delivers one message after the other.
    .B help
    .I VERB
    says more about each of these; what is short for it stands in brackets.

    """
      + Verb.Family.allCases.map { family in
        ".SS \(escaped(family.title))\n"
          + Verb.all.filter { $0.family == family }.map { verb in
            let shorts = verb.shorts.isEmpty ? "" : " (\(verb.shorts.joined(separator: ", ")))"
            return ".TP\n.B \(escaped(verb.synopsis + shorts))\n\(escaped(verb.summary))\n"
          }.joined()
      }.joined()
  }

  private static let footer = """
    .SH EXIT STATUS
    0 all well, 1 an expectation or a comparison failed, 2 wrong usage, 3 unreadable or malformed input, 130 interrupted.
    .SH ENVIRONMENT
    .TP
    .B REPLAB_LESSONS
    The folder of the lessons, in place of those that came with the program.
    .TP
    .B REPLAB_HISTORY
    The file that keeps what was typed; if it is empty, none does.
    .TP
    .B NO_COLOR
    If it is set, nothing is coloured.
    .SH FILES
    .TP
    .I ~/.local/state/replab
    What was typed, and how far you are in each lesson (under
    .B XDG_STATE_HOME
    if that is set).
    .TP
    .I transcripts/
    Recordings that came with the program go by this name, wherever you are, as in:
    .B replab replay transcripts/fullsync\\-diskless.pcap
    .SH SEE ALSO
    .BR redis\\-server (1),
    .BR redis\\-cli (1),
    .BR tcpdump (8)

    """

  /// Text that is laid out already.
  private static func verbatim(_ text: String) -> String {
    ".nf\n" + text.split(separator: "\n", omittingEmptySubsequences: false).map { escaped(String($0)) + "\n" }.joined()
      + ".fi\n"
  }

  /// Text that troff takes as it is: no escapes, no requests, and a hyphen that can be typed.
  private static func escaped(_ text: String) -> String {
    let plain = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
  }
}
