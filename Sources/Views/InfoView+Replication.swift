import Lab
import Redis
import RESP

extension InfoView {
  /// The history that each node is in, how far, and what is known of its replicas.
  static func offsets(_ world: World) -> Table {
    var table = Table(
      [
        .init("node"), .init("role"), .init("replid"), .init("offset", .right), .init("acknowledged", .right),
        .init("replid2"), .init("up to", .right),
      ], empty: "no nodes yet")
    for machine in world.machines {
      let ids = machine.node?.replication.ids
      let hasSecond = (ids?.secondOffset ?? -1) >= 0
      table.rows.append([
        machine.name, property(.role, machine), id(ids?.current), property(.offset, machine),
        property(.acknowledged, machine),
        id(hasSecond ? ids?.second : nil), hasSecond ? "\(ids!.secondOffset -| 1)" : "–",
      ])
    }
    return table
  }

  private static func id(_ id: String?) -> String {
    guard let id, id != ReplicationID.none, !id.isEmpty else { return "–" }
    return short(id)
  }

  static func backlog(_ world: World) -> Table {
    var table = Table(
      [
        .init("node"), .init("first byte", .right), .init("last", .right), .init("bytes", .right),
        .init("repl-backlog-size", .right), .init("blocks", .right),
      ], empty: "nobody keeps a backlog: no replica has come yet")
    for machine in world.machines {
      guard let node = machine.node, let backlog = node.replication.backlog else { continue }
      table.rows.append([
        machine.name, "\(backlog.firstByte)", backlog.length > 0 ? "\(backlog.end -| 1)" : "–", "\(backlog.length)",
        "\(node.configuration.replBacklogSize)", "\(backlog.blockCount)",
      ])
    }
    return table
  }

  /// What a node keeps for each replica: the bytes that it has not been sent yet, and what Redis counts as its output
  /// buffer, which is whole blocks.
  static func buffers(_ world: World) -> Table {
    var table = Table(
      [
        .init("node"), .init("replica"), .init("state"), .init("next byte", .right), .init("unsent", .right),
        .init("buffer", .right), .init("acknowledged", .right),
      ], empty: "no node has replicas")
    for machine in world.machines {
      guard let node = machine.node else { continue }
      for session in node.replicaSessions {
        let backlog = node.replication.backlog
        let unsent = session.next.flatMap { next in backlog.map { $0.end -| next } }
        let memory = session.next.flatMap { next in backlog?.output(from: next, since: session.initialOffset).memory }
        table.rows.append([
          machine.name, name(session, world), session.state.infoName ?? "–", session.next.map { "\($0)" } ?? "–",
          unsent.map { "\($0)" } ?? "–", memory.map { "\($0)" } ?? "–", "\(session.acknowledged)",
        ])
      }
    }
    return table
  }

  /// A replica as its master knows it: by the port that it told.
  package static func name(_ session: ReplicaSession, _ world: World) -> String {
    world.machines.first { $0.address.port == session.listeningPort }?.name ?? "port \(session.listeningPort)"
  }

  static func disk(_ world: World) -> Table {
    var table = Table(
      [.init("node"), .init("file"), .init("bytes", .right), .init("not yet safe", .right)],
      empty: "no node has written a file")
    for machine in world.machines {
      for (name, file) in machine.disk.files.sorted(by: { $0.key < $1.key }) {
        let unsafe = file.bytes.count - file.safeCount(at: world.now)
        table.rows.append([machine.name, name, "\(file.bytes.count)", unsafe == 0 ? "–" : "\(unsafe)"])
      }
    }
    return table
  }
}
