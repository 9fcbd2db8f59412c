import ArgumentParser
import Glibc
import Lab
import LineEdit

extension Replab {
  /// `replab web [FILE | --lesson NAME]`: the session in a browser, beside the prompt.
  struct Web: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows the lab, a lesson or a recording as a picture in a browser.",
      usage: "replab web [<file>] [--lesson <name>] [<options>]",
      discussion: """
        It prints the address of a page and opens it. Page and prompt are two views of one session; without \
        a terminal there is the page alone, until Ctrl-C.

          $ replab web
          $ replab web transcripts/fullsync-diskless.pcap
          $ replab web --lesson 3

        FILE is a recording, or a script of the lab, which is run first. The page is on 127.0.0.1 alone, and \
        what is asked of it needs the token in the address. No request leaves this machine.

        Exit status: 0 all well, 2 wrong usage, 3 a file that cannot be read, 130 interrupted.
        """)

    @Argument(help: "A recording, or a script of the lab.") var file: String?
    @Option(help: ArgumentHelp("A lesson: its name or number.", valueName: "name")) var lesson: String?
    @Option(help: ArgumentHelp("The page's port. (default: any that is free)", valueName: "n")) var port: UInt16?
    @Flag(help: "Prints the address, and opens no browser.") var noOpen = false
    @OptionGroup var options: Options
    @ParentCommand var parent: Replab

    func run() throws {
      guard file == nil || lesson == nil else {
        throw Complaint.usage("there is a file and a lesson", advice: "Give one of them.")
      }
      let onTerminal = isatty(STDIN_FILENO) == 1
      try MainActor.assumeIsolated {
        var session = try Session(options.over(parent.options), forPrompt: true)
        session.isForPerson = session.isForPerson && onTerminal
        if let file { try session.openForWeb(file) }
        // One that can't be opened is told instead of an address.
        if let lesson { _ = try LessonCatalog.book(lesson).lesson() }
        session.pages = try PageHost(port: port ?? 0)
        session.sayAddress(opens: !noOpen)
        if let lesson { try session.run("lesson \(lesson)") } else if onTerminal { session.greet() }
        if onTerminal { Prompt.run(&session) } else { try session.serve() }
      }
    }
  }
}

extension Session {
  /// Opens a recording, read to its end so that one can slide over all of it; or runs a script.
  fileprivate mutating func openForWeb(_ file: String) throws {
    if let recording = try? RecordingFile.open(file, filter: nil) {
      try open(recording)
      Interrupt.clear()
      while !shouldStop(), timeline.stepAny(monitor).stop == .done {}
      try timeline.go(to: 0)
    } else {
      try Script(path: file).run(in: &self)
    }
  }

  /// Does what pages ask for until it is over, or interrupted.
  fileprivate mutating func serve() throws {
    guard let pages else { return }
    Interrupt.clear()
    while !isOver {
      var polled = pollfd(fd: pages.server.wake.descriptor, events: Int16(POLLIN), revents: 0)
      // The signal may have come to one of the server's threads: so it is looked for.
      let count = poll(&polled, 1, 200)
      if count <= 0, Interrupt.requested { throw Complaint.interrupted }
      if count > 0 { pages.attend(&self) }
    }
  }
}
