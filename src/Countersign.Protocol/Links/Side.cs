namespace Countersign.Protocol;

/// <summary>Which end of a link: the client opens it.</summary>
internal enum Side
{
    Client,
    Server,
}

internal static class Sides
{
    public static Side Other(this Side side) => side == Side.Client ? Side.Server : Side.Client;
}
