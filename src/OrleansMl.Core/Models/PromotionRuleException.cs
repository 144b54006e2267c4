namespace OrleansMl.Core.Models;

/// <summary>A promotion rule can't be read; the message has the column.</summary>
public sealed class PromotionRuleException : FormatException
{
    /// <summary>Makes the error with an empty message.</summary>
    public PromotionRuleException() { }

    /// <summary>Makes the error with a message.</summary>
    public PromotionRuleException(string message)
        : base(message) { }

    /// <summary>Makes the error with a message and what was behind it.</summary>
    public PromotionRuleException(string message, Exception innerException)
        : base(message, innerException) { }

    /// <summary>Makes the error of its place and message.</summary>
    public PromotionRuleException(PromotionRuleError error)
        : base($"{error}") => Error = error;

    /// <summary>Where and what.</summary>
    public PromotionRuleError Error { get; } = new(1, "");
}
