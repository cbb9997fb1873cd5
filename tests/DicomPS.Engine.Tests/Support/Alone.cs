namespace DicomPS.Engine.Tests.Support;

/// <summary>The collection of tests that count memory or handles of the process, or fill them: nothing runs beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
