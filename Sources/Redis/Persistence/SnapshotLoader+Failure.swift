import RDB

extension Node {
  /// Logs why a snapshot could not be loaded, in Redis's words, and ends the process where Redis does
  /// (`rdbLoadRioWithLoadingCtx`, `rdbReportError` in rdb.c).
  ///
  /// - Parameter fromFile: from a file anything but an unknown format is fatal; from a master's socket only bytes that
  ///   are wrong are, since those that are missing may come the next time.
  /// - Returns: whether the process goes on.
  mutating func logLoadFailure(_ failure: SnapshotLoader.Failure, at position: Int, fromFile: Bool) -> Bool {
    switch failure {
    case .fatal(let text):
      log(.warning, text)
    case .corrupt(let words, let line?): logCorrupt(words, line: line, at: position, fromFile: fromFile)
    case .corrupt(let words, nil):
      panic("\(words) #t_hash.c:477")
      return false
    case .function(let words):
      log(.warning, "Failed loading library, \(words)")
      logShortRead(at: position, fromFile: fromFile)
      if !fromFile { return true }
    case .duplicateKey(let key, let database):
      log(.warning, "RDB has duplicated key '\(key)' in DB \(database)")
      panic("Duplicated key found in RDB file #rdb.c:3184")
      return false
    case .format(let error):
      switch error.reason {
      case .wrongSignature, .unsupportedVersion:
        log(.warning, "\(error.reason)")
        return true
      case .unexpectedEnd, .lengthTooLarge, .emptyNode, .tooManySlotRanges, .unreadableType, .badModuleWhenOpcode:
        logShortRead(error, at: position, fromFile: fromFile)
        if !fromFile { return true }
      case .checksumMismatch(let stored, let computed):
        log(
          .warning,
          "Wrong RDB checksum expected: (\(String(computed, radix: 16))) but got (\(String(stored, radix: 16))). "
            + "Aborting now.")
        logCorrupt("RDB CRC error", line: 3225, at: position, fromFile: fromFile)
      case .invalidLZF: logCorrupt("Invalid LZF compressed string", line: 413, at: position, fromFile: fromFile)
      case .malformed(let malformation):
        logCorrupt(malformation.rawValue, line: malformation.line, at: position, fromFile: fromFile)
      case .unknownLengthEncoding: logCorrupt("\(error.reason)", line: 236, at: position, fromFile: fromFile)
      case .unknownStringEncoding: logCorrupt("\(error.reason)", line: 529, at: position, fromFile: fromFile)
      }
    }
    emit(.exit(code: 1))
    return false
  }

  /// The bytes end too early, or say that more follow than can be (`rdbLoadRioWithLoadingCtx` in rdb.c).
  private mutating func logShortRead(_ error: RDBError, at position: Int, fromFile: Bool) {
    switch error.reason {
    case .unreadableType(let type):
      logReadError("Unknown RDB encoding type \(type)", line: 2681, at: position, fromFile: fromFile)
      // From a file the first complaint is the last.
      if fromFile { return }
    case .badModuleWhenOpcode:
      logReadError("bad when_opcode", line: 3066, at: position, fromFile: fromFile)
      if fromFile { return }
    case .lengthTooLarge: log(.warning, "\(error.reason)")
    default: break
    }
    logShortRead(at: position, fromFile: fromFile)
  }

  private mutating func logShortRead(at position: Int, fromFile: Bool) {
    log(.warning, "Short read or OOM loading DB. Unrecoverable error, aborting now.")
    logReadError("Unexpected EOF reading RDB file", line: 3249, at: position, fromFile: fromFile)
  }

  /// Bytes are missing, which from a socket is no harm (`rdbReportError` in rdb.c).
  private mutating func logReadError(_ reason: String, line: Int, at position: Int, fromFile: Bool) {
    let text = internalError(reason, line: line, at: position)
    log(
      .warning,
      fromFile
        ? text
        : text + ". Failure loading rdb format from socket, assuming connection error, resuming operation.")
  }

  /// Bytes are wrong (`rdbReportError` in rdb.c).
  private mutating func logCorrupt(_ reason: String, line: Int, at position: Int, fromFile: Bool) {
    let text = internalError(reason, line: line, at: position)
    log(.warning, fromFile ? text : text + ". Failure loading rdb format")
    // Of a file, a checksum is complained about by the checker that then reads it, which ends the process itself.
    if !fromFile || line != 3225 { log(.warning, "Terminating server after rdb file reading failure.") }
  }

  /// Redis tells its own source line, and an offset that it updates every two mebibytes (`rdbReportError` in rdb.c).
  private func internalError(_ reason: String, line: Int, at position: Int) -> String {
    "Internal error in RDB reading offset \((position >> 21) << 21), function at rdb.c:\(line) -> \(reason)"
  }
}
