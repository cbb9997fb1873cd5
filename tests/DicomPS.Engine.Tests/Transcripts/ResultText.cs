using System.Collections;
using System.Globalization;
using System.Reflection;

namespace DicomPS.Engine.Tests.Transcripts;

/// <summary>Results as lines: each public property by name, errors with type and words, datasets by their elements.</summary>
internal sealed class ResultText(Normal normal)
{
    /// <summary>What the objects of the engine keep out of columns and scripts ask for.</summary>
    private static readonly string[] Asked = ["GetDataset", "GetException", "GetSenders"];

    /// <summary>An object and its properties.</summary>
    public List<string> Lines(object result)
    {
        var type = result.GetType();
        var lines = new List<string> { type.Name };
        foreach (var property in Properties(type))
        {
            // Numbers of ports and servers are another each time.
            var isMade = property.Name is "RemotePort" or "LocalPort" or "ServerId";
            lines.AddRange(isMade && property.GetValue(result) is { } ? [$"  {property.Name}: <number>"]
                : Member(property.Name, property.GetValue(result)));
        }

        foreach (var name in Asked)
        {
            if (type.GetMethod(name, Type.EmptyTypes) is { } method)
                lines.AddRange(Member($"{name}()", method.Invoke(result, null)));
        }

        return lines;
    }

    private static IEnumerable<PropertyInfo> Properties(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.GetIndexParameters().Length == 0).OrderBy(property => property.Name, StringComparer.Ordinal);

    private List<string> Member(string name, object? value) => value switch
    {
        Exception problem => [$"  {name}: {problem.GetType().Name} \"{normal.Text(problem.Message)}\"", .. Details(problem)],
        DicomDataset dataset => [$"  {name}:", .. new ElementText(normal)
            .Lines(DatasetWriter.ToArray(dataset, TransferSyntax.ExplicitVRLittleEndian), isExplicit: true).Select(line => $"    {line}")],
        _ => [$"  {name}: {Value(value)}"],
    };

    // The words of the system behind an error are its own; its type is not.
    private IEnumerable<string> Details(Exception problem)
    {
        foreach (var property in Properties(problem.GetType()))
        {
            if (property.DeclaringType!.Namespace!.StartsWith("DicomPS", StringComparison.Ordinal))
                yield return $"    {property.Name}: {Value(property.GetValue(problem))}";
        }

        if (problem.InnerException is { } inner)
            yield return inner is DicomException ? $"    behind it: {inner.GetType().Name} \"{normal.Text(inner.Message)}\""
                : $"    behind it: {inner.GetType().Name}";
    }

    private string Value(object? value) => value switch
    {
        null => "null",
        string text => $"\"{normal.Text(text)}\"",
        DateTime moment when Math.Abs((DateTime.UtcNow - moment.ToUniversalTime()).TotalDays) < 1 => "<now>",
        DateTime moment => moment.ToString("s", CultureInfo.InvariantCulture),
        TimeSpan => "<time>",
        bool or char or Enum => $"{value}",
        DicomTag or Uri => $"{value}",
        IFormattable number when value.GetType().IsPrimitive => number.ToString(null, CultureInfo.InvariantCulture),
        Exception problem => $"{problem.GetType().Name} \"{normal.Text(problem.Message)}\"",
        IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(Value))}]",
        _ => $"{value.GetType().Name} \"{normal.Text($"{value}")}\"",
    };
}
