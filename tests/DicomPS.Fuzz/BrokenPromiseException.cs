namespace DicomPS.Fuzz;

/// <summary>Nothing was thrown, and what came out is wrong all the same.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message);
