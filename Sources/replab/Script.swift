import LineEdit

/// A script of the lab: one command a line, read as it comes.
struct Script {
  /// The name that complaints give.
  let name: String
  private let reader: FileReader

  init(standardInput: Void) { (name, reader) = ("standard input", .standardInput) }

  init(path: String) throws(Complaint) {
    name = path
    reader = try FileReader(path: Belongings.file(path), path)
  }

  /// Runs line after line and stops at the first command that fails, with its place.
  ///
  /// - Parameter advice: what to do about a file that its name says is no script: such a one fails in its first line.
  func run(in session: inout Session, ifNoScript advice: @autoclosure () -> String? = nil) throws {
    var lines = LineReader(reader)
    var number = 0
    while !session.isOver {
      number += 1
      do {
        guard let line = try lines.next() else { return }
        try session.run(line)
      } catch let complaint as Complaint {
        var placed = complaint.at(file: name, line: number)
        if placed.file == name, number == 1, let advice = advice() { placed.advice = advice }
        throw placed
      }
      if Interrupt.requested { throw Complaint.interrupted.at(file: name, line: number) }
    }
  }
}

/// The lines of a file, each as soon as it is there.
struct LineReader {
  private let reader: FileReader
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false

  init(_ reader: FileReader) { self.reader = reader }

  /// The next line without its end, or nil behind the last one.
  mutating func next() throws(Complaint) -> String? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: 0x0a) {
        defer { start = end + 1 }
        let stop = end > start && buffer[end - 1] == 0x0d ? end - 1 : end
        return try text(start..<stop)
      }
      if isAtEnd {
        guard start < buffer.count else { return nil }
        defer { start = buffer.count }
        return try text(start..<buffer.count)
      }
      buffer.removeFirst(start)
      start = 0
      guard buffer.count <= mostText else {
        throw .input("a line is longer than 64 MB, which is more than is read here")
      }
      searched = buffer.count
      try fill()
    }
  }

  /// A line, without the mark that some editors put before the first.
  private func text(_ range: Range<Int>) throws(Complaint) -> String {
    guard var text = String(validating: buffer[range], as: UTF8.self) else {
      throw .input("a line is no UTF-8", advice: #"Other bytes are written as in redis-cli: "\xff\x00"."#)
    }
    if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
    return text
  }

  private mutating func fill() throws(Complaint) {
    if let block = try reader.next() { buffer += block } else { isAtEnd = true }
  }
}
