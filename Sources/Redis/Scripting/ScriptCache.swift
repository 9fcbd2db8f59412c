import OrderedCollections
import RDB

/// A script that has been run, or loaded: EVALSHA knows it by its digest.
package struct CachedScript: Equatable, Sendable {
  package var code: Bytes
  var shebang: Shebang
}

/// The scripts that a node knows, in the order in which they came (`lctx.lua_scripts` in eval.c).
package struct ScriptCache: Sendable {
  private var scripts: OrderedDictionary<Bytes, CachedScript> = [:]
  /// The script that was asked for last, known or not. Most clients say the same one again and again.
  private var latest: (code: Bytes, digest: Bytes)?

  package var count: Int { scripts.count }

  package subscript(digest: Bytes) -> CachedScript? {
    get { scripts[digest] }
    set { scripts[digest] = newValue }
  }

  /// By which EVALSHA knows it: forty digits of SHA-1 (`sha1hex` in eval.c).
  mutating func digest(of code: Bytes) -> Bytes {
    if let latest, latest.code == code { return latest.digest }
    let digest = Bytes(SHA1.hex(code.array))
    latest = (code, digest)
    return digest
  }
}

extension ScriptCache: Equatable {
  package static func == (a: Self, b: Self) -> Bool { a.scripts == b.scripts }
}
