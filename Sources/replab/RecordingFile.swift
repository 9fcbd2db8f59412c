import Capture
import CaptureFiles
import Dissection
import Lab
import LineEdit
import Synchronization

/// Recordings in files, for the timeline to read again and again.
enum RecordingFile {
  /// Opens a transcript in any format that can be read; `name` is what the user calls it, if not by its path.
  ///
  /// - Parameter others: what else the caller could have read, for the complaint: `an RDB file`.
  static func open(
    _ given: String, filter: String?, name: String? = nil, others: [String] = []
  ) throws(Complaint) -> PacketSource {
    let path = Belongings.file(given)
    guard path != "-" else {
      throw .usage(
        "a recording is read more than once, which standard input can't be", advice: "Save it to a file first.")
    }
    // What is no transcript, or no filter, is told at once.
    do throws(RecordingError) { _ = try Recording(path: path, filter: filter) } catch {
      var error = error
      if error.kind == .format, let first = others.first {
        error.what =
          "is neither \(first)" + (others.dropFirst() + ["a capture file"]).map { ", nor \($0)" }.joined()
          + ", nor text of tcpdump, nor arrows"
      }
      throw Complaint(error)
    }
    let marks = Marks()
    return PacketSource(name: name ?? given, filter: filter, countOthers: { marks.otherCount }) {
      first throws(LabError) in
      do throws(RecordingError) {
        let file = try OpenRecording(path, filter, from: first, marks)
        return { () throws(LabError) in
          do throws(RecordingError) { return try file.next() } catch { throw LabError(error) }
        }
      } catch {
        throw LabError(error)
      }
    }
  }
}

extension RecordingFile {
  /// What comes through standard input, which can be read only once: its packets are kept. What is wrong with it is told
  /// behind them.
  static func standardInput(filter: String?) throws(Complaint) -> PacketSource {
    var packets: [Packet] = []
    var others = 0
    var failure: LabError?
    do throws(RecordingError) {
      var records = RestoredRecords(try Recording(path: "-", filter: filter))
      do throws(RecordingError) {
        while !Interrupt.requested, let record = try records.next() {
          if let packet = record.packet { packets.append(packet) } else { others += 1 }
        }
      } catch {
        failure = LabError(error)
      }
    } catch {
      throw Complaint(error)
    }
    return PacketSource(name: "standard input", filter: filter, countOthers: { [others] in others }) {
      [packets, failure] first throws(LabError) in
      let next = Mutex(first)
      return { () throws(LabError) in
        let number = next.withLock { next in
          next += 1
          return next - 1
        }
        if number < packets.count { return packets[number] }
        if let failure { throw failure }
        return nil
      }
    }
  }
}

/// Where packets stand in a file, one in a thousand: what is kept of a recording to get to a packet quickly.
/// (Unchecked: the program has one thread.)
private final class Marks: @unchecked Sendable {
  static let interval = 1_000
  private var all: [(packet: Int, offset: Int)] = []
  /// How many records are no packet, up to the place of the last of them.
  private(set) var otherCount = 0
  private var lastOther = -1

  func note(_ packet: Int, _ place: Record.Place) {
    guard packet.isMultiple(of: Self.interval), packet > all.last?.packet ?? 0, case .byte(let offset) = place else {
      return
    }
    all.append((packet, offset))
  }

  /// Counts a record that is no packet, whichever reader comes by it first.
  func noteOther(_ place: Record.Place) {
    let position =
      switch place {
      case .byte(let offset): offset
      case .line(let line): line
      }
    guard position > lastOther else { return }
    lastOther = position
    otherCount += 1
  }

  /// The last one that is not behind a packet.
  func last(upTo packet: Int) -> (packet: Int, offset: Int)? {
    let index = min(packet / Self.interval, all.count) - 1
    return index >= 0 ? all[index] : nil
  }
}

/// A file that is being read, and the number of its next packet. (Unchecked: the program has one thread.)
private final class OpenRecording: @unchecked Sendable {
  private var records: RestoredRecords
  private let marks: Marks
  private var number = 0

  init(_ path: String, _ filter: String?, from first: Int, _ marks: Marks) throws(RecordingError) {
    self.marks = marks
    if let mark = marks.last(upTo: first),
      let resumed = try Recording(path: path, filter: filter, resumingAt: mark.offset)
    {
      records = RestoredRecords(resumed)
      number = mark.packet
    } else {
      records = RestoredRecords(try Recording(path: path, filter: filter))
    }
    while number < first, try next() != nil {}
  }

  /// The next TCP segment; what is none has no place in a replay.
  func next() throws(RecordingError) -> Packet? {
    while let record = try records.next() {
      guard let packet = record.packet else {
        marks.noteOther(record.place)
        continue
      }
      marks.note(number, record.place)
      number += 1
      return packet
    }
    return nil
  }
}

extension LabError {
  /// What is wrong with a file, and where; its name is the recording's.
  fileprivate init(_ error: RecordingError) {
    let place =
      switch error.place {
      case nil: ""
      case .byte(let offset)?: "byte \(offset): "
      case .line(let line)?: "line \(line): "
      }
    self.init(place + error.what, advice: error.advice ?? "")
  }
}

extension Complaint {
  /// The complaint about a recording.
  init(_ error: RecordingError) {
    self.init(error.kind == .filter ? .usage : .input, "\(error)", advice: error.advice)
  }
}
