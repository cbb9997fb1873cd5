namespace DicomPS.Comparing;

/// <summary>A series that both sides have.</summary>
/// <param name="Study">The place of its study among those that are compared.</param>
/// <param name="One">The reference's answer.</param>
/// <param name="Other">The other's.</param>
internal sealed record SharedSeries(int Study, Series One, Series Other);
