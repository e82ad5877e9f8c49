//! Tokens to definitions: operations and fragments, with what each holds itself. Selections and values are read by the neighbors of this file.

use super::OperationKind;
use super::fault::{Checked, Fault, shortened};
use super::lexer::{Kind, Lexer, Token};
use super::limits::Limits;
use super::totals::{Spread, Totals};

/// An operation or a fragment as written, its spreads not yet followed.
pub(super) struct Definition<'a> {
    /// The operation's kind, or none for a fragment.
    pub(super) operation: Option<OperationKind>,
    /// The name; a fragment always has one.
    pub(super) name: Option<&'a str>,
    /// Where the definition's first keyword or brace is, in bytes.
    pub(super) start: usize,
    /// What the definition selects itself.
    pub(super) own: Totals,
    /// The fragments that it spreads, in the order of the text.
    pub(super) spreads: Vec<Spread<'a>>,
}

/// The reader of definitions. It holds one token at a time and never looks further ahead.
pub(super) struct Parser<'a> {
    /// Where the tokens come from.
    lexer: Lexer<'a>,
    /// The token to be judged next.
    pub(super) current: Token<'a>,
    /// What is allowed.
    pub(super) limits: &'a Limits,
    /// Aliases seen.
    pub(super) aliases: usize,
    /// Directives seen.
    pub(super) directives: usize,
    /// Spreads and inline fragments seen.
    pub(super) spreads: usize,
    /// Operations seen.
    operations: usize,
    /// Selections and values visited.
    pub(super) visited: u64,
}

impl<'a> Parser<'a> {
    /// A parser that has read nothing yet.
    pub(super) fn new(document: &'a str, limits: &'a Limits) -> Self {
        Self {
            lexer: Lexer::new(document, limits),
            current: Token { kind: Kind::End, start: 0, is_after_comment: false },
            limits,
            aliases: 0,
            directives: 0,
            spreads: 0,
            operations: 0,
            visited: 0,
        }
    }

    /// Steps taken so far.
    pub(super) fn steps(&self) -> u64 {
        self.lexer.steps().saturating_add(self.visited)
    }

    /// Tokens read so far.
    pub(super) fn tokens(&self) -> usize {
        self.lexer.tokens()
    }

    /// Reads the whole document.
    pub(super) fn document(&mut self) -> Checked<Vec<Definition<'a>>> {
        self.advance()?;
        let mut definitions = vec![self.definition()?];
        while self.current.kind != Kind::End {
            definitions.push(self.definition()?);
        }
        Ok(definitions)
    }

    /// Reads one operation or fragment, with the description that may precede it.
    fn definition(&mut self) -> Checked<Definition<'a>> {
        let start = self.current.start;
        let is_described = self.current.kind == Kind::Text;
        if is_described {
            self.advance()?;
        }
        match self.current.kind {
            Kind::Mark(b'{') if !is_described => self.operation(OperationKind::Query),
            Kind::Name("query") => self.operation(OperationKind::Query),
            Kind::Name("mutation") => self.operation(OperationKind::Mutation),
            Kind::Name("subscription") => self.operation(OperationKind::Subscription),
            Kind::Name("fragment") => self.fragment(),
            Kind::Name("schema" | "scalar" | "type" | "interface" | "union" | "enum" | "input" | "directive" | "extend") => {
                Err(Fault::invalid("Only operations and fragments can be executed.", self.current.start))
            }
            _ if is_described => {
                Err(Fault::syntax("Unexpected description: only operations with a keyword, and fragments, may have one.", start))
            }
            _ => Err(self.unexpected()),
        }
    }

    /// Reads an operation from its keyword, or from its brace if it is a bare selection set.
    fn operation(&mut self, kind: OperationKind) -> Checked<Definition<'a>> {
        self.operations = self.operations.saturating_add(1);
        if self.operations > self.limits.operations {
            return Err(Fault::limit("operations", self.limits.operations, self.operations));
        }
        let mut definition =
            Definition { operation: Some(kind), name: None, start: self.current.start, own: Totals::default(), spreads: Vec::new() };
        if self.current.kind != Kind::Mark(b'{') {
            self.advance()?;
            if let Kind::Name(name) = self.current.kind {
                definition.name = Some(name);
                self.advance()?;
            }
            self.variable_definitions()?;
            self.directives(false)?;
        }
        self.selection_set(&mut definition)?;
        Ok(definition)
    }

    /// Reads a fragment definition from its keyword.
    fn fragment(&mut self) -> Checked<Definition<'a>> {
        let start = self.current.start;
        self.advance()?;
        // A fragment called `on` could not be told from a type condition where it is spread.
        if self.current.kind == Kind::Name("on") {
            return Err(self.unexpected());
        }
        let name = self.name()?;
        if self.current.kind != Kind::Name("on") {
            return Err(self.expected("\"on\""));
        }
        self.advance()?;
        self.name()?;
        self.directives(false)?;
        let mut definition = Definition { operation: None, name: Some(name), start, own: Totals::default(), spreads: Vec::new() };
        self.selection_set(&mut definition)?;
        Ok(definition)
    }

    /// Reads an operation's variable definitions, if any.
    fn variable_definitions(&mut self) -> Checked<()> {
        if !self.take(b'(')? {
            return Ok(());
        }
        loop {
            if self.current.kind == Kind::Text {
                self.advance()?;
            }
            self.mark(b'$')?;
            self.name()?;
            self.mark(b':')?;
            self.type_reference()?;
            if self.take(b'=')? {
                self.value(true)?;
            }
            self.directives(true)?;
            if self.take(b')')? {
                return Ok(());
            }
        }
    }

    /// Reads a type such as `[[ID!]!]`.
    fn type_reference(&mut self) -> Checked<()> {
        let mut lists = 0_usize;
        while self.take(b'[')? {
            lists = lists.saturating_add(1);
        }
        self.name()?;
        self.take(b'!')?;
        for _ in 0..lists {
            self.mark(b']')?;
            self.take(b'!')?;
        }
        Ok(())
    }

    /// Reads the next token.
    pub(super) fn advance(&mut self) -> Checked<()> {
        self.current = self.lexer.next()?;
        Ok(())
    }

    /// Moves past this punctuator if it is next, and says whether it was.
    pub(super) fn take(&mut self, mark: u8) -> Checked<bool> {
        let seen = self.current.kind == Kind::Mark(mark);
        if seen {
            self.advance()?;
        }
        Ok(seen)
    }

    /// Moves past this punctuator, which must be next.
    pub(super) fn mark(&mut self, mark: u8) -> Checked<()> {
        if self.take(mark)? { Ok(()) } else { Err(self.expected(&Kind::Mark(mark).describe())) }
    }

    /// Moves past a name, which must be next, and gives it.
    pub(super) fn name(&mut self) -> Checked<&'a str> {
        let Kind::Name(name) = self.current.kind else {
            return Err(self.expected("Name"));
        };
        self.advance()?;
        Ok(name)
    }

    /// The error that something else was expected here.
    fn expected(&self, what: &str) -> Fault {
        let found = self.current.kind.describe();
        Fault::syntax(format!("Expected {}, found {found}.", shortened(what)), self.current.start)
    }

    /// The error that the current token fits nothing.
    pub(super) fn unexpected(&self) -> Fault {
        let found = self.current.kind.describe();
        Fault::syntax(format!("Unexpected {found}."), self.current.start)
    }
}
