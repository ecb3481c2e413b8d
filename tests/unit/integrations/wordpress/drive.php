<?php
// Drives saring.php with as much of WordPress as it asks for, and prints what it did as JSON. Usage: php drive.php saring.php
error_reporting( E_ALL );
set_error_handler( function ( $level, $message ) { throw new ErrorException( $message ); } );

define( 'ABSPATH', '/' );
$options = array( 'home' => 'https://news.example', 'blog_charset' => 'UTF-8' );
$hooks = $asked = $meta = array();
$may = true;
$cron = false;
$answers = 'valid';

function add_filter( $name, $call, $priority = 10, $arguments = 1 ) { global $hooks; $hooks[ $name ] = array( $call, $arguments ); }
function add_action( $name, $call, $priority = 10, $arguments = 1 ) { add_filter( $name, $call, $priority, $arguments ); }
function apply( $name, ...$values ) { global $hooks; return $hooks[ $name ][0]( ...array_slice( $values, 0, $hooks[ $name ][1] ) ); }
function get_option( $name, $default = false ) { global $options; return $options[ $name ] ?? $default; }
function wp_parse_url( $url, $part ) { return parse_url( $url, $part ); }
function add_query_arg( $name, $value, $url ) { return $url . ( strpos( $url, '?' ) ? '&' : '?' ) . $name . '=' . $value; }
function wp_remote_request( $url, $args ) {
	global $asked, $answers;
	// as WordPress does: each request passes the filter
	$answered = apply( 'pre_http_request', false, $args, $url );
	$asked[] = array( 'url' => $url, 'args' => $args, 'answered' => $answered );
	return $answers instanceof WP_Error ? $answers : array( 'body' => $answers );
}
function wp_remote_post( $url, $args ) { return wp_remote_request( $url, array( 'method' => 'POST' ) + $args ); }
function wp_remote_retrieve_body( $answer ) { return $answer['body']; }
class WP_Error {}
function is_wp_error( $thing ) { return $thing instanceof WP_Error; }
function wp_doing_cron() { global $cron; return $cron; }
function current_user_can() { global $may; return $may; }
function get_comment_meta( $id, $name ) { global $meta; return $meta[ $name ] ?? ''; }
function get_permalink( $id ) { return "https://news.example/?p=$id"; }
function get_locale() { return 'id_ID'; }
function register_setting( $group, $name, $how ) { global $registered; $registered[ $name ] = $how['sanitize_callback']; }
function add_settings_error( $setting, $code, $message ) { global $errors; $errors[] = $message; }
function add_options_page( $title, $menu, $capability, $slug, $call ) { global $page; $page = $call; }
function esc_url_raw( $url, $schemes ) { return in_array( parse_url( $url, PHP_URL_SCHEME ), $schemes, true ) ? $url : ''; }
function esc_attr( $text ) { return htmlspecialchars( $text, ENT_QUOTES ); }
function esc_html( $text ) { return htmlspecialchars( $text, ENT_QUOTES ); }
function esc_html_e( $text, $domain ) { echo esc_html( $text ); }
function __( $text, $domain ) { return $text; }
function settings_fields( $group ) { echo '<nonce>'; }
function submit_button() { echo '<button>'; }

require $argv[1];

$told = array();
function asked() { global $asked; $last = $asked; $asked = array(); return $last; }
function check( $url, $args ) { return apply( 'pre_http_request', false, $args, $url ); }
function shown() { global $page; ob_start(); $page(); return ob_get_clean(); }

$told['untouched'] = array( check( 'https://rest.akismet.com/1.1/verify-key', array() ), apply( 'akismet_get_api_key', 'abc' ), apply( 'akismet_predefined_api_key', false ), asked() );

$options['saring_url'] = 'http://127.0.0.1:8080/moderation/';
$options['saring_key'] = 'saring-abcdefghijklmnop';
$told['keys'] = array( apply( 'akismet_get_api_key', 'abc' ), apply( 'akismet_predefined_api_key', false ) );

$post = array( 'method' => 'POST', 'httpversion' => '1.0', 'headers' => array( 'HOST' => 'rest.akismet.com', 'User-Agent' => 'x' ), 'body' => 'key=old&blog=b%26c&api_key=old&POST_api_key=z' );
check( 'https://rest.akismet.com/1.1/comment-check', $post );
$told['post'] = asked();
check( 'http://oldkey.REST.akismet.com/1.1/submit-ham', array( 'method' => 'POST', 'body' => array( 'key' => 'old', 'blog' => 'b' ) ) );
$told['label'] = asked();
check( 'https://rest.akismet.com/1.2/usage-limit?x=1', array( 'method' => 'GET' ) );
$told['get'] = asked();
$others = array();
foreach ( array( 'https://akismet.com/1.1/x', 'https://rest.akismet.com.evil.example/', 'https://evilrest.akismet.com/', 'no url', 'https:///' ) as $url ) {
	$others[] = check( $url, $post );
}
$told['others'] = array( $others, asked(), apply( 'pre_http_request', 'theirs', $post, 'https://rest.akismet.com/1.1/x' ) );

$comment = (object) array(
	'comment_ID' => '7', 'comment_post_ID' => '3', 'comment_author_IP' => '192.0.2.1', 'comment_agent' => 'x', 'comment_type' => '',
	'comment_author' => 'Sari', 'comment_author_email' => 's@x.example', 'comment_author_url' => '', 'comment_content' => 'stored',
	'comment_date_gmt' => '2026-01-02 03:04:05',
);
function changes( $new, $old ) { global $comment; apply( 'transition_comment_status', $new, $old, $comment ); return array_map( function ( $one ) { return array( basename( $one['url'] ), $one['args']['body']['comment_content'] ); }, asked() ); }
$moves = array( array( 'spam', 'approved' ), array( 'spam', 'spam' ), array( 'approved', 'spam' ), array( 'approved', 'unapproved' ), array( 'trash', 'approved' ), array( 'unapproved', 'approved' ), array( 'trash', 'spam' ), array( 'approved', 'trash' ) );
foreach ( $moves as $move ) {
	$told['moves'][ implode( '<', $move ) ] = array_column( changes( ...$move ), 0 );
}
apply( 'transition_comment_status', 'spam', 'approved', $comment );
$told['fields'] = asked()[0]['args']['body'];
$meta['akismet_as_submitted'] = array( 'comment_content' => 'as checked', 'permalink' => 'https://news.example/story', 'other' => 'x', 'user_ip' => null );
$told['as_checked'] = changes( 'spam', 'approved' );
$meta['akismet_rechecking'] = '1';
$told['machines'][] = changes( 'spam', 'approved' );
$meta = array();
$cron = true;
$told['machines'][] = changes( 'spam', 'approved' );
$cron = false;
$may = false;
$told['machines'][] = changes( 'spam', 'approved' );
ob_start();
apply( 'admin_menu' );
$told['stranger'] = shown();
$may = true;

apply( 'admin_init' );
$clean_url = $registered['saring_url'];
$clean_key = $registered['saring_key'];
$told['cleaned'] = array( $clean_url( ' https://x.example/ ' ), $clean_url( 'javascript:1' ), $clean_url( array() ), $clean_key( ' SARING-ABCDEFGHIJKLMNOP ' ), $clean_key( "short" ), $clean_key( '' ), $clean_key( array() ), count( $errors ) );
$told['page'] = shown();
$told['states'][] = saring_state();
$answers = 'invalid';
$told['states'][] = saring_state();
$answers = '<html>';
$told['states'][] = saring_state();
if ( $answers ) {
	class Akismet {}
}
$answers = 'valid';
asked();
foreach ( array( array( 'spam', 'approved' ), array( 'approved', 'spam' ), array( 'approved', 'unapproved' ) ) as $move ) {
	$told['moves_beside_akismet'][ implode( '<', $move ) ] = array_column( changes( ...$move ), 0 );
}
$answers = new WP_Error();
$told['states'][] = saring_state();
asked();
$told['away'] = array( changes( 'approved', 'unapproved' ), changes( 'approved', 'unapproved' ) );
ob_end_clean();
echo json_encode( $told );
