using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Reflection;

namespace DicomPS.Dates;

/// <summary>
/// What PowerShell sees of the objects that DicomPS.Types.ps1xml names it for: their own properties in their own order, dates among
/// them as <see cref="IsoDate"/> has them. A property of Types.ps1xml beside each date would do the same, and change the order.
/// </summary>
public sealed class ResultAdapter : PSPropertyAdapter
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Known = new();

    /// <inheritdoc/>
    public override Collection<PSAdaptedProperty> GetProperties(object baseObject) =>
        new([.. Of(baseObject).Select(property => new PSAdaptedProperty(property.Name, property))]);

    /// <inheritdoc/>
    public override PSAdaptedProperty? GetProperty(object baseObject, string propertyName) =>
        Array.Find(Of(baseObject), property => string.Equals(property.Name, propertyName, StringComparison.OrdinalIgnoreCase)) is { } found
            ? new PSAdaptedProperty(found.Name, found)
            : null;

    /// <inheritdoc/>
    public override bool IsSettable(PSAdaptedProperty adaptedProperty) => Property(adaptedProperty).SetMethod?.IsPublic == true;

    /// <inheritdoc/>
    public override bool IsGettable(PSAdaptedProperty adaptedProperty) => true;

    /// <inheritdoc/>
    public override object? GetPropertyValue(PSAdaptedProperty adaptedProperty)
    {
        var value = Property(adaptedProperty).GetValue(adaptedProperty.BaseObject);
        return value is DateTime moment ? IsoDate.Of(moment) : value;
    }

    /// <inheritdoc/>
    public override void SetPropertyValue(PSAdaptedProperty adaptedProperty, object value)
    {
        var property = Property(adaptedProperty);
        property.SetValue(adaptedProperty.BaseObject,
            LanguagePrimitives.ConvertTo(value, property.PropertyType, System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <inheritdoc/>
    public override string GetPropertyTypeName(PSAdaptedProperty adaptedProperty) => Property(adaptedProperty).PropertyType.ToString();

    private static PropertyInfo Property(PSAdaptedProperty adapted) => (PropertyInfo)adapted.Tag;

    private static PropertyInfo[] Of(object baseObject) => Known.GetOrAdd(baseObject.GetType(), type =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanRead && property.GetIndexParameters().Length == 0)]);
}
