using Countersign.Cryptography;

namespace Countersign.Server;

/// <summary>What all links of a server share.</summary>
internal sealed record LinkServices(
    ServerDirectory Directory,
    IServerStore Store,
    StoreWatch Watch,
    AccountsOfNobody Nobody,
    ServerLimits Limits,
    Trust Trust,
    Revoker Revoker,
    DeviceDirectory Devices,
    Ledger Ledger,
    HeadSigner Heads,
    LinkRegistry Registry,
    ReceiptForwarder Receipts,
    LoginThrottle Throttle,
    LinkCounts Counts,
    HandshakeWorkers Workers,
    Rates Rates,
    FoundingLimit Founding,
    Shared<UserName, StorageRoom> Storage,
    ServerMetrics Metrics,
    TimeProvider Clock,
    UserName? Operator,
    PeerLog Lines,
    Microsoft.Extensions.Logging.ILogger Log);
