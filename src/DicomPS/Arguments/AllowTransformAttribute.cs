using System.Collections;
using System.Globalization;
using System.Management.Automation;
using DicomPS.Scp;

namespace DicomPS.Arguments;

/// <summary>Lets a parameter of rules take texts (TITLE@ADDRESS:SERVICES) and hashtables, one or many.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class AllowTransformAttribute : ArgumentTransformationAttribute
{
    private const int FewestDigits = 40;

    /// <summary>The keys, each with an example and what it does.</summary>
    internal static readonly (string Key, string Example, string Meaning)[] Keys =
    [
        ("Title", "'CT*'", "calling AE titles, with * and ?"),
        ("Address", "'10.1.0.0/16'", "addresses and networks that calls may come from"),
        ("Service", "'Store','Echo'", "what they may ask for"),
        ("Thumbprint", "'...'", "certificates, one of which a caller must show"),
        ("User", "'reader*'", "users, one of which a caller must prove to be; 'None' lets in who names none"),
        ("MaximumAssociations", "4", "how many associations all callers of the rule may have open at once"),
        ("MaximumInstancesPerDay", "100000", "how many instances all callers of the rule may store in a day"),
        ("MaximumBytesPerDay", "500GB", "how many bytes all callers of the rule may store in a day"),
    ];

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => Rules(inputData).ToArray();

    /// <summary>Reads rules.</summary>
    /// <exception cref="ArgumentTransformationMetadataException">One is none.</exception>
    internal static IEnumerable<AccessRule> Rules(object? given)
    {
        var value = given is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : given;
        return value switch
        {
            AccessRule rule => [rule],
            string text => [FromText(text)],
            IDictionary table => [FromTable(table)],
            IEnumerable several => several.Cast<object?>().SelectMany(Rules),
            _ => throw Wrong($"'{value}' is no rule."),
        };
    }

    private static AccessRule FromText(string text)
    {
        try
        {
            return AccessRule.Parse(text);
        }
        catch (FormatException e)
        {
            throw Wrong(e.Message, e);
        }
    }

    private static AccessRule FromTable(IDictionary table)
    {
        var rule = new AccessRule();
        foreach (System.Collections.DictionaryEntry entry in table)
        {
            var key = $"{entry.Key}";
            try
            {
                rule = With(rule, key, entry.Value is PSObject wrapped ? wrapped.BaseObject : entry.Value);
            }
            catch (FormatException e)
            {
                throw Wrong($"{key}: {e.Message}", e);
            }
        }

        return table.Count > 0 ? rule : throw Wrong("An empty hashtable is no rule; '*' lets any caller do everything.");
    }

    private static AccessRule With(AccessRule rule, string key, object? value) => key.ToUpperInvariant() switch
    {
        "TITLE" or "AETITLE" or "CALLINGAETITLE" => rule with { Titles = AccessRuleText.Titles(Texts(key, value)) },
        "ADDRESS" or "NETWORK" or "REMOTEADDRESS" => rule with { Addresses = AccessRuleText.Addresses(Texts(key, value)) },
        "SERVICE" or "SERVICES" => rule with { Services = AccessRuleText.Services(string.Join(",", Texts(key, value))) },
        "THUMBPRINT" => rule with { Thumbprints = [.. Texts(key, value).Select(Thumbprint)] },
        "USER" or "USERNAME" => rule with { Users = Texts(key, value) },
        "MAXIMUMASSOCIATIONS" => rule with { MaximumAssociations = Number<int>(key, value) },
        "MAXIMUMINSTANCESPERDAY" => rule with { MaximumInstancesPerDay = Number<long>(key, value) },
        "MAXIMUMBYTESPERDAY" => rule with { MaximumBytesPerDay = Number<long>(key, value) },
        _ => throw Wrong($"'{key}' is no part of a rule."),
    };

    private static string[] Texts(string key, object? value)
    {
        var texts = (LanguagePrimitives.GetEnumerable(value) is { } several ? several.Cast<object?>() : [value])
            .Select(one => LanguagePrimitives.ConvertTo<string>(one)?.Trim() ?? "").ToArray();
        return texts.Length > 0 && Array.TrueForAll(texts, text => text.Length > 0) ? texts
            : throw Wrong($"{key} is empty; leave it out where any will do.");
    }

    private static string Thumbprint(string text)
    {
        var digits = new string([.. text.Where(c => c is not (':' or ' ' or '-'))]);
        return digits.Length is FewestDigits or 64 && digits.All(Uri.IsHexDigit) ? digits
            : throw new FormatException($"'{text}' is no thumbprint: 40 or 64 hexadecimal digits, SHA-1 or SHA-256.");
    }

    private static T Number<T>(string key, object? value)
        where T : struct =>
        value is not (null or bool) && LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out long number) && number > 0
            && LanguagePrimitives.TryConvertTo(number, CultureInfo.InvariantCulture, out T fits)
            ? fits : throw Wrong($"{key} is a number of 1 or more, not '{value}'.");

    private static ArgumentTransformationMetadataException Wrong(string what, Exception? inner = null) => new(
        $"{what} -Allow takes texts such as 'CT1@10.0.0.0/8:Store,Echo' (TITLE@ADDRESS:SERVICES, each part may be missing) and "
        + $"hashtables with {string.Join(", ", Keys.Select(key => key.Key))}.", inner);
}
