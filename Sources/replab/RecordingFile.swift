import Capture
import CaptureFiles
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
    do throws(RecordingError) {
      let packets = try NumberedPackets(path: path, filter: filter)
      return PacketSource(name: name ?? given, filter: filter, countOthers: { packets.otherCount }) {
        first throws(LabError) in
        do throws(RecordingError) {
          let reader = try packets.reader(from: first)
          return { () throws(LabError) in
            do throws(RecordingError) { return try reader.next() } catch { throw LabError(error) }
          }
        } catch {
          throw LabError(error)
        }
      }
    } catch {
      var error = error
      if error.kind == .format, let first = others.first {
        error.what =
          "is neither \(first)" + (others.dropFirst() + ["a capture file"]).map { ", nor \($0)" }.joined()
          + ", nor text of tcpdump, nor arrows"
      }
      throw Complaint(error)
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
