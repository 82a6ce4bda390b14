using Countersign.Cryptography;
using Countersign.Evidence;

namespace Countersign.Protocol;

/// <summary><c>[52, id, prekeys]</c>: keep these prekeys of mine for others.</summary>
public sealed record PutPrekeys(ulong Id, EquatableList<Encoded<Prekey>> Prekeys) : Request(Id)
{
    internal override MessageType Type => MessageType.PutPrekeys;
    internal override int Fields => 2;
    private protected override void WriteRest(CborOutput output) => output.List(Prekeys, static (o, prekey) => o.Encoded(prekey));
    internal static PutPrekeys Read(CborInput input) =>
        new(input.UInt(), input.List(0, SessionItems.MaxPrekeysPut, static i => i.Prekey()));
}

/// <summary><c>[53, id, one_time]</c>: how many one-time prekeys the server holds now.</summary>
public sealed record PrekeysHeld(ulong Id, int OneTime) : Answer(Id)
{
    internal override MessageType Type => MessageType.PrekeysHeld;
    internal override int Fields => 2;
    private protected override void WriteRest(CborOutput output) => output.UInt((ulong)OneTime);
    internal static PrekeysHeld Read(CborInput input) => new(input.UInt(), input.Int32());
}

/// <summary><c>[54, id, devices]</c>: one prekey of each of these devices, to seal an epoch.</summary>
public sealed record TakePrekeys(ulong Id, EquatableList<DeviceId> Wanted) : Request(Id)
{
    internal override MessageType Type => MessageType.TakePrekeys;
    internal override int Fields => 2;
    private protected override void WriteRest(CborOutput output) => output.List(Wanted, static (o, device) => o.Device(device));
    internal static TakePrekeys Read(CborInput input) =>
        new(input.UInt(), input.List(1, SessionItems.MaxTaken, static i => i.Device()));
}

/// <summary><c>[55, id, prekeys]</c>, in the order asked; null for a device that has none (SE-08).</summary>
public sealed record PrekeysTaken(ulong Id, EquatableList<Encoded<Prekey>?> Prekeys) : Answer(Id)
{
    internal override MessageType Type => MessageType.PrekeysTaken;
    internal override int Fields => 2;
    private protected override void WriteRest(CborOutput output) => output.List(Prekeys, WriteOne);
    internal static PrekeysTaken Read(CborInput input) => new(input.UInt(), input.List(0, SessionItems.MaxTaken, ReadOne));

    private static void WriteOne(CborOutput output, Encoded<Prekey>? prekey)
    {
        if (prekey is { } held)
            output.Encoded(held);
        else
            output.Null();
    }

    private static Encoded<Prekey>? ReadOne(CborInput input) => input.TryNull() ? null : input.Prekey();
}

/// <summary><c>[73, one_time]</c>: the server has few one-time prekeys of this device left.</summary>
public sealed record PushPrekeysLow(int OneTime) : Push
{
    internal override MessageType Type => MessageType.PushPrekeysLow;
    internal override int Fields => 1;
    internal override void WriteFields(CborOutput output) => output.UInt((ulong)OneTime);
    internal static PushPrekeysLow Read(CborInput input) => new(input.Int32());
}
