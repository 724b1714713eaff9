// Tells the compiler that a style sheet is imported as its text, which the build has minified.
declare module "*.css" {
  const text: string;
  export default text;
}
