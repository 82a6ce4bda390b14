namespace Countersign.Evidence;

/// <summary>The seven types of entry, SPEC section 7. The numbers are signed.</summary>
public enum EntryType
{
    Genesis = 1,
    Join = 2,
    Members = 3,
    Epoch = 4,
    Message = 5,
    Close = 6,
    Erase = 7,
}
