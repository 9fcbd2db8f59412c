import ArgumentParser
import Dissection

extension Replab {
  /// `replab inspect FILE [PATH]`: the bytes of a file as an annotated tree.
  struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints the bytes of an RDB file, an append-only file or a transcript as an annotated tree.",
      usage: "replab inspect <file> [<path>] [<options>]",
      discussion: """
        Each line has an address, bytes in hex and as text, a field and what it means. It is printed as it is read. \
        PATH picks one thing out, by names or numbers from the outside in:

          $ replab inspect dump.rdb 7                 the seventh record
          $ replab inspect dump.rdb key:titi/value    the value of a key
          $ replab inspect sync.pcap 2                all messages of link 2
          $ replab inspect sync.pcap 2/14/offset      a part of its message 14

        Of a transcript that is text, such as tcpdump -A prints, each byte that a dot hides is shown as not known, \
        inferred (the format leaves nothing else) or restored (the checksum says so), with the reason. --restore \
        writes the snapshot then, if all of it is known.

        Of an append-only file's manifest it shows which files it names: each of these can be inspected in its turn.

        Exit status: 0 all well, 2 a path that leads nowhere, 3 a file that cannot be read to its end (all that \
        could be read is shown first), 130 interrupted.
        """)

    @Argument(help: "An RDB file, an append-only file or its manifest, or a transcript.") var file: String
    @Argument(help: "What to pick out: RECORD/FIELD… of an RDB file, LINK/MESSAGE/FIELD… of a transcript.")
    var path: String?
    @Option(help: ArgumentHelp("Which packets of a transcript, as tcpdump takes it.", valueName: "bpf"))
    var filter: String?
    @Option(
      help: ArgumentHelp(
        "How many fields are shown of a record's compressed values, which can hold far more than the file has bytes: a "
          + "number, or off.", valueName: "n"))
    var limit: FieldLimit = .default
    @Option(help: ArgumentHelp("Writes the first snapshot in a transcript to this new file.", valueName: "rdb"))
    var restore: String?
    @OptionGroup var options: Options
    @ParentCommand var parent: Replab

    func run() throws {
      if let path, FieldPath(path).parts.isEmpty {
        throw Complaint.usage("‘\(path)’ is no path", advice: "Write names or numbers with slashes between them.")
      }
      let inspection = Inspection(options.over(parent.options), path: path, limit: limit.count)
      let head = try FileReader(file).next() ?? []
      if head.starts(with: Array("REDIS".utf8)) || head.starts(with: Array("VALKEY".utf8)) {
        if restore != nil {
          throw Complaint.usage("--restore is for transcripts", advice: "\(file) is an RDB file already.")
        }
        try inspection.snapshot(file)
      } else if AppendOnlyDissector.isBeginning(head) {
        if restore != nil {
          throw Complaint.usage(
            "--restore is for transcripts", advice: "\(file) is an append-only file: it has no snapshot.")
        }
        try inspection.appendOnly(try FileReader(file), file)
      } else if ManifestDissector.isBeginning(head) {
        if restore != nil {
          throw Complaint.usage(
            "--restore is for transcripts", advice: "\(file) is an append-only file's manifest: it has no snapshot.")
        }
        try inspection.manifest(file)
      } else {
        try inspection.transcript(
          try RecordingFile.open(
            file, filter: filter, others: ["an RDB file", "an append-only file", "the manifest of one"]),
          restored: restore)
      }
    }
  }
}

/// A number of fields; `off`: all of them.
struct FieldLimit: ExpressibleByArgument {
  static let `default` = FieldLimit(count: 100_000)
  var count: Int

  init(count: Int) { self.count = count }

  init?(argument: String) {
    guard let count = argument == "off" ? .max : Int(argument), count >= 0 else { return nil }
    self.init(count: count)
  }

  var defaultValueDescription: String { "\(count)" }
}
