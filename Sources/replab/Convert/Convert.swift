import ArgumentParser
import Capture
import CaptureFiles
import Glibc
import LineEdit

extension Replab {
  /// `replab convert IN [OUT] [--to FORMAT]`.
  struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Turns a recorded transcript into another format.",
      discussion: """
        It reads capture files (pcap and pcapng), text that tcpdump printed (-A, -X, -XX, -x) and arrows (>>> and <<<),
        plain or gzip-compressed; the content tells which. It writes:

        """
          + TranscriptFormat.all.map { "  \($0.name.padded(9)) \($0.summary)" }.joined(separator: "\n")
            + """


              $ replab convert sync.pcap --to tcpdump
              $ tcpdump -i lo -w - port 7000 | replab convert - sync.pcapng

            What could be read before an error is written. Exit status: 0 all well, 2 wrong usage, 3 unreadable or malformed
            input, 130 interrupted.
            """)

    @Argument(help: "The transcript; - is standard input.") var input: String
    @Argument(help: "The file to write, whose name tells the format; without it, standard output.")
    var output: String?
    @Option(help: ArgumentHelp("The format to write.", valueName: "format")) var to: String?
    @Option(help: ArgumentHelp("Which packets, as tcpdump takes it: 'port 7000'.", valueName: "expression"))
    var filter: String?

    func run() throws {
      let format = try chosenFormat()
      if output == nil, format.isBinary, Output.standardOutput.isTerminal {
        throw Complaint.usage(
          "\(format.name) is not for a terminal", advice: "Name a file to write, or send the output to one with >.")
      }
      do throws(RecordingError) {
        let recording = try Recording(path: input, filter: filter)
        try copy(recording, format.writer(recording), to: try FileSink(output, input: input))
      } catch {
        throw Complaint(error)
      }
      if Interrupt.requested { throw Complaint.interrupted }
    }

    private func chosenFormat() throws(Complaint) -> TranscriptFormat {
      let names = TranscriptFormat.all.map(\.name).joined(separator: ", ")
      if let to {
        if let format = TranscriptFormat.named(to) { return format }
        let nearest = Suggestion.nearest(to: to, among: TranscriptFormat.all.map(\.name))
        throw .usage(
          "there is no format ‘\(to)’",
          advice: nearest.map { "Did you mean ‘\($0)’?" } ?? "The formats are \(names).")
      }
      guard let output else {
        throw .usage("which format shall it be?", advice: "Give --to with one of \(names), or name a file to write.")
      }
      guard let format = TranscriptFormat.forFile(output) else {
        throw .usage("the name ‘\(output)’ tells no format", advice: "Give --to with one of \(names).")
      }
      return format
    }

    /// Writes all that can be read, also before an error.
    private func copy(_ recording: Recording, _ writer: TranscriptFormat.Writer, to sink: FileSink)
      throws(RecordingError)
    {
      var bytes = writer.beginning
      var unknown = 0
      defer {
        sink.write(bytes + writer.end())
        if unknown > 0 {
          let words = "\(input): \(unknown) bytes of payload are unknown in this text, and stand as dots\n"
          Output.standardError.write("replab: " + words)
        }
      }
      while let record = try recording.next() {
        unknown += record.text?.unknownCount ?? 0
        writer.append(record, &bytes)
        if bytes.count >= 1 << 18 {
          sink.write(bytes)
          bytes.removeAll(keepingCapacity: true)
        }
        if Interrupt.requested { return }
      }
    }
  }
}

extension Complaint {
  /// The complaint about a recording.
  init(_ error: RecordingError) {
    self.init(error.kind == .filter ? .usage : .input, "\(error)", advice: error.advice)
  }
}

/// Where a conversion goes.
private struct FileSink {
  private let output: Output

  /// Standard output, or a file, which must not be the one that is read.
  init(_ path: String?, input: String) throws(RecordingError) {
    guard let path else {
      output = .standardOutput
      return
    }
    var (source, target) = (stat(), stat())
    if stat(input, &source) == 0, stat(path, &target) == 0, source.st_ino == target.st_ino,
      source.st_dev == target.st_dev
    {
      throw RecordingError(.input, path: path, "is the file that is read", advice: "Write to another one.")
    }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw RecordingError(.input, path: path, "cannot be written: \(String(cString: strerror(errno)))")
    }
    output = Output(descriptor: descriptor)
  }

  func write(_ bytes: [UInt8]) { output.write(bytes) }
}
