import Dissection
import Testing

@Suite struct TopicTests {
  @Test("Each word names one topic, and topics name only topics")
  func consistent() {
    let words = Topic.all.flatMap { [$0.name] + $0.others }
    #expect(Set(words).count == words.count, "\(words.filter { word in words.filter { $0 == word }.count > 1 })")
    for topic in Topic.all {
      #expect(topic.name == topic.name.lowercased())
      for other in topic.see { #expect(Topic.named(other)?.name == other, "\(topic.name) names \(other)") }
      #expect(topic.text.hasSuffix("."), "\(topic.name)")
    }
  }

  @Test("Each state, and each message of a recorded sync, has a topic")
  func covered() throws {
    for stage in Stage.allCases where stage != .commands && stage != .broken {
      #expect(Topic.named(stage.name) != nil, "\(stage.name)")
      #expect(stage.topic.flatMap(Topic.named) != nil, "\(stage.name)")
    }
    for name in Recordings.names {
      for feeds in try Recordings.conversations(name).prefix(4) {
        let (messages, dissector) = dissect(feeds, purpose: feeds.count > 10 ? .replication : .unknown)
        for message in messages where message.stage != .commands {
          #expect(message.topic.flatMap(Topic.named) != nil, "\(message.kind)")
        }
        for message in messages {
          if case .payload = message.kind {
            for record in dissector.fields(of: message).children {
              #expect(record.topic != nil, "\(record.name)")
            }
          }
        }
      }
    }
  }

  @Test("A refusal's topic is that of its code")
  func refusals() {
    let messages = dissect([
      Feed(side: .opener, bytes: encode(["PING"])),
      Feed(side: .acceptor, bytes: Array("-NOAUTH Authentication required.\r\n".utf8)),
    ]).messages
    #expect(messages[1].topic == "noauth")
  }

  /// A word or two for each thing that people have asked about in public, and what its topic has to say.
  static let confusions: [(String, [String])] = [
    ("requirepass", ["masterauth"]), ("failover", ["requirepass and masterauth on both"]),
    ("acl", ["+psync +replconf"]),
    ("acl", ["not part of the stream"]), ("output-buffer", ["endless full sync"]),
    ("client-output-buffer-limit", ["replicas that are away"]), ("persistence", ["empty"]),
    ("upgrade", ["Can't handle RDB format version"]), ("restart", ["no cached master"]),
    ("second_repl_offset", ["needs a full sync"]), ("nat", ["rewrite addresses"]), ("dbsize", ["differ for a while"]),
    ("readonly", ["old master"]), ("swapdb", ["both have to fit into memory"]), ("repl-timeout", ["60 s"]),
    ("wait", ["no promise"]), ("min-replicas-to-write", ["NOREPLICAS"]), ("replica-serve-stale-data", ["MASTERDOWN"]),
    ("protected-mode", ["stranger"]), ("repl-ping-replica-period", ["14 bytes", "nobody writes"]),
    ("failover", ["is gone once it is told"]), ("repl-backlog-ttl", ["full sync"]),
    ("second_repl_offset", ["be it only a PING"]), ("writable-replica", ["stay its alone"]),
    ("disk-full", ["at once, for ever"]), ("rename-command", ["same on all nodes"]), ("critical", ["CRITICAL"]),
    ("host-name", ["resolved at each new connection"]), ("config-rewrite", ["after a restart"]),
    ("loading", ["old data is gone"]), ("maxmemory", ["ignores"]), ("scripts", ["MULTI and EXEC"]),
    ("loop", ["REPLICAOF NO ONE"]), ("shutdown", ["10 s"]), ("corrupt", ["in a loop"]),
    ("sentinel", ["more than half of all Sentinels"]), ("+odown", ["quorum", "more than half"]),
    ("quorum", ["who may do it"]),
    ("+switch-master", ["GET-MASTER-ADDR-BY-NAME"]), ("down-after-milliseconds", ["30 s"]), ("-tilt", ["30 s"]),
    ("parallel-syncs", ["full sync"]), ("failover-timeout", ["twice"]), ("__sentinel__:hello", ["2 s"]),
    ("lag", ["in bytes"]), ("eviction", ["DEL"]), ("replica-priority", ["0 is never promoted"]),
    ("partial-resync", ["still in the backlog"]), ("topology", ["one master or none"]), ("backlog", ["36824"]),
    ("split-brain", ["Two masters", "min-replicas-to-write", "lesson 19"]), ("-OOM", ["-OOM"]),
    ("WRONGTYPE", ["-WRONGTYPE"]), ("EXECABORT", ["-EXECABORT"]), ("UNBLOCKED", ["-UNBLOCKED"]),
    ("NOSCRIPT", ["-NOSCRIPT"]), ("BUSY", ["busy-reply-threshold"]), ("watch", ["WATCH", "answers nil"]),
    ("eof", ["$EOF:"]), ("slave", ["follows another one"]), ("fork", ["copy of a process"]),
    ("MONITOR", ["each command"]), ("rdb-key-save-delay", ["microseconds at each key"]),
    ("key-load-delay", ["microseconds at each key"]), ("loading-process-events-interval-bytes", ["2 MiB"]),
    ("appendfsync", ["everysec"]), ("repl-diskless-sync-max-replicas", ["max-replicas"]),
    ("maxclients", ["max number of clients reached"]), ("state", ["receive_psync_reply"]), ("link", ["words of ROLE"]),
    ("second_offset", ["full sync"]), ("backlog_start", ["backlog"]), ("backlog_length", ["backlog"]),
    ("replica_states", ["wait_bgsave"]), ("acknowledged", ["REPLCONF ACK"]),
    ("-NOAUTH", ["masterauth"]), ("min_replicas_to_write", ["NOREPLICAS"]),
  ]

  @Test("What people trip over is found by the obvious word", arguments: confusions)
  func found(word: String, parts: [String]) throws {
    let text = try #require(Topic.named(word), "\(word)").text.split(whereSeparator: \.isWhitespace).joined(
      separator: " ")
    for part in parts { #expect(text.contains(part), "\(word): \(text)") }
  }
}
